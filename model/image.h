/* image.h - what a container image is, as far as a pod's life is concerned.
 *
 * A built-in catalogue (image.c) covers the images of the seeds and common ones; a scenario adds to
 * it or overrides entries by name. Lookup ignores registry host and path unless an entry names them:
 * "docker.io/library/nginx:1.7.9" finds "nginx".
 */
#ifndef MODEL_IMAGE_H
#define MODEL_IMAGE_H

#include "model/api_core.h"

/* What one finds on the image's PATH. */
enum image_userland {
    USERLAND_NONE,    /* only its own program: scratch, distroless */
    USERLAND_BUSYBOX, /* sh and the busybox applets: busybox, alpine */
    USERLAND_DEBIAN,  /* sh and coreutils; no ps, wget, nslookup, curl: nginx, httpd, debian */
};

struct memory_point { /* at `at` after the start the container uses `bytes` beside what its programs say */
    sim_time at;
    int64_t bytes;
};

struct image {
    const char *name; /* "nginx", "k8s.gcr.io/liveness", "quay.io/junkai/training:liveness" */
    const char *const *entrypoint; /* NULL-terminated, or NULL */
    const char *const *cmd;
    const char *program;  /* the virtual program of its own binary: see runtime's programs */
    enum image_userland userland;
    int64_t size_bytes;
    const char *stop_signal; /* "SIGQUIT" or NULL = SIGTERM */
    const char *working_dir;
    int64_t start_ms;       /* until its server listens */
    int64_t port;           /* it listens here, 0 = nowhere */
    const char *pull_error; /* pulls fail with this text; NULL = they work, unless it is missing */
    bool missing;           /* the registry does not have it: pulls fail with containerd's words */
    int64_t pull_ms;        /* how long a pull takes; 0 = from size and the profile */
    LIST_OF(struct memory_point) memory; /* of its own program, over time; between points it changes steadily */
    bool present;           /* on every node from the start */
    bool generic;           /* made up for an unknown name: a long-running server */
};

struct image_catalogue {
    struct arena *arena;
    LIST_OF(struct image) extra; /* the scenario's, asked first */
};

/* Never NULL: an unknown name gets a generic long-running server (generic = true). */
const struct image *image_find(const struct image_catalogue *c, const char *reference);
/* How long its server takes until it listens. `nothing_takes_time` (profile instant): the catalogue's guesses
 * do not count, what a scenario says does. */
sim_time image_start_time(const struct image *image, bool nothing_takes_time);
/* NULL if `reference` is a valid image reference, else what is wrong with it
 * ("couldn't parse image name \"X\": invalid reference format"). */
const char *image_reference_error(struct arena *a, const char *reference);
/* containerd's words for a pull of `reference` when the registry does not have it, does not answer, or broke off. */
const char *image_not_found_error(struct arena *a, const char *reference);
const char *image_unavailable_error(struct arena *a, const char *reference);
const char *image_broken_error(struct arena *a, const char *reference);
/* Tag is "latest" or missing, and there is no digest: pulled Always by default. */
bool image_tag_is_latest(const char *reference);

#endif
