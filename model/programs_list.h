/* programs_list.h - what the commands that show files share (programs_ls.c, programs_list.c, programs_find.c). */
#ifndef MODEL_PROGRAMS_LIST_H
#define MODEL_PROGRAMS_LIST_H

#include "model/programs.h"

size_t node_size(struct cri *c, struct proc *p, struct vnode *n);
int64_t node_blocks(struct cri *c, struct proc *p, struct vnode *n); /* of 512 bytes, as ext4 gives them out */
const char *human_size(struct cri *c, struct proc *p, int64_t bytes);
extern const struct command command_ls, command_stat;

#endif
