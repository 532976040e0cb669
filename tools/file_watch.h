/* file_watch.h - tells which files of some directories have changed.
 *
 * What has changed is found by looking (size, time, inode), so it does not matter what wakes us: inotify where there is
 * one, else a look twice a second. PODSIM_WATCH=poll does without inotify.
 */
#ifndef TOOLS_FILE_WATCH_H
#define TOOLS_FILE_WATCH_H

#include "model/apitype.h"

struct file_watch;

struct file_watch *file_watch_new(void);
void file_watch_free(struct file_watch *w); /* accepts NULL */
/* From now on these directories, and no others; what is in them is as it is now. "" is the current one. */
void file_watch_set(struct file_watch *w, const str_list *directories);

struct file_changes {
    /* Of files that appeared, changed or vanished, and "name/" of directories that appeared or vanished; sorted; in
     * memory of the watch until the next call. */
    str_list paths;
    bool some_new;  /* some appeared or vanished */
};
/* What has changed since the last call, or since they were set. Does not wait. */
void file_watch_look(struct file_watch *w, struct file_changes *ret_changes);
/* Waits until something may have changed, or `fd` (-1 = none) can be read, or a signal comes. */
void file_watch_wait(struct file_watch *w, int fd);

#endif
