/* cri_private.h - what the files of the container runtime's calls share (cri.c, cri_start.c). */
#ifndef MODEL_CRI_PRIVATE_H
#define MODEL_CRI_PRIVATE_H

#include "model/cri.h"
#include "model/process.h"

static inline struct vcontainer *container_at(const struct cri *c, uint32_t id)
{
    ASSERT(id > 0);
    return pool_at(&c->containers, id);
}

static inline struct vsandbox *sandbox_at(const struct cri *c, uint32_t id)
{
    ASSERT(id > 0);
    return pool_at(&c->sandboxes, id);
}

/* A record of the runtime about the sandbox's pod. */
uint32_t cri_record(struct cri *c, const struct vsandbox *s, enum trace_kind kind, uint8_t flags, uint32_t aux,
                    const char *text, const void *data);
/* The kubelet will want to look at the pod. */
void cri_changed(struct cri *c, const struct vsandbox *s);
void cri_arm_key(struct cri *c, const struct sim_key *key);
/* 64 hexadecimal digits that depend on nothing but the given words. */
void cri_hex_id(char out[65], const char *a, const char *b, uint64_t n);
void cri_mark_exited(struct cri *c, struct vcontainer *ct, int code, int signal_number, const char *reason);

#endif
