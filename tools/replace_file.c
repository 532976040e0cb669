/* replace_file.c - write a temporary file, fsync, rename, fsync the directory. */
#include "tools/replace_file.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tools/files.h"

static int complain(struct strbuf *complaint, const char *path, const char *what)
{
    strbuf_printf(complaint, "%s: %s%s%s", path, what, errno ? ": " : "", errno ? strerror(errno) : "");
    return -1;
}

/* Gives the open file its content and the mode of what it is to replace. */
static int fill(int fd, const struct stat *old, const char *bytes, size_t length)
{
    if (old && fchmod(fd, old->st_mode & 07777) < 0)
        return -1;
    if (write_all(fd, bytes, length) < 0)
        return -1;
    return fsync(fd);
}

/* A rename is on the disk when its directory is; where directories cannot be synced it is a matter of time. */
static void sync_directory(const char *path)
{
    const char *slash = strrchr(path, '/');
    struct strbuf directory = STRBUF_INIT;
    if (slash)
        strbuf_add(&directory, path, (size_t)(slash - path) + 1);
    else
        strbuf_putc(&directory, '.');
    int fd = open(strbuf_str(&directory), O_RDONLY | O_CLOEXEC);
    if (fd >= 0) {
        fsync(fd);
        close(fd);
    }
    strbuf_fini(&directory);
}

static int replace_by(const char *path, const char *temporary, const char *bytes, size_t length)
{
    struct stat st;
    bool there = stat(path, &st) == 0;
    unlink(temporary); /* of a process of this number that was killed */
    int fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (fd < 0)
        return -1;
    int result = fill(fd, there ? &st : NULL, bytes, length), error = errno;
    if (close(fd) < 0 && result == 0) { /* NFS and quotas say here that the disk is full */
        result = -1;
        error = errno;
    }
    if (result == 0 && rename(temporary, path) < 0) {
        result = -1;
        error = errno;
    }
    if (result < 0)
        unlink(temporary);
    errno = error;
    return result;
}

int replace_file(const char *path, const char *bytes, size_t length, struct strbuf *complaint)
{
    char *target = realpath(path, NULL); /* NULL: there is none yet */
    const char *name = target ? target : path, *slash = strrchr(name, '/');
    int directory = slash ? (int)(slash - name) + 1 : 0;
    struct strbuf temporary = STRBUF_INIT;
    strbuf_printf(&temporary, "%.*s.%s.%ld" REPLACE_FILE_SUFFIX, directory, name, name + directory, (long)getpid());

    sigset_t wait, before;
    sigemptyset(&wait);
    sigaddset(&wait, SIGINT);
    sigaddset(&wait, SIGTERM);
    sigaddset(&wait, SIGHUP);
    sigprocmask(SIG_BLOCK, &wait, &before);
    int result = replace_by(name, strbuf_str(&temporary), bytes, length);
    int error = errno;
    if (result == 0)
        sync_directory(name);
    sigprocmask(SIG_SETMASK, &before, NULL);

    errno = error;
    if (result < 0)
        complain(complaint, path, "cannot be written");
    strbuf_fini(&temporary);
    free(target);
    return result;
}
