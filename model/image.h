/* image.h - what a container image is, as far as a pod's life is concerned.
 *
 * A catalogue of images is YAML: the built-in one (images.yaml), documents of kind ImageCatalogue, spec.images of a
 * scenario. One schema for all of them (image_doc.h). An entry of a later one stands above the entry of the same name
 * in an earlier one and overrules what it says.
 *
 * Which entry a reference means: that with the longest name that is the reference's repository or its end after a
 * "/", so "docker.io/library/nginx:1.7.9" finds "nginx". A name with a tag or digest is for that alone, and is
 * preferred to the same name without.
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

struct image_file {
    const char *path, *content, *link; /* neither content nor link: a directory */
    int64_t mode;                      /* 0 = the usual one */
};

/* A command that asks the image's server whether it is well: pg_isready, redis-cli. */
struct image_tool {
    const char *name;
    int64_t port;                    /* where it asks, unless told otherwise */
    const char *up, *down;           /* what it prints; down: to standard error */
    const char *host_up, *host_down; /* the same when it was told a host: $(host), $(port); NULL = as otherwise */
    bool down_on_stdout;
    int64_t down_exit; /* 0 = 1 */
};

struct behaviour;

struct image {
    const char *name; /* of its entry: "nginx", "k8s.gcr.io/liveness", "quay.io/junkai/training:liveness" */
    const char *const *entrypoint; /* NULL-terminated, or NULL */
    const char *const *cmd;
    const char *program; /* the virtual program of its own binary: see runtime's programs */
    str_list versions;
    const char *version; /* of that program, by the tag: "1.27.4"; or NULL */
    str_map env;         /* beside PATH, or with it */
    enum image_userland userland;
    bool usr_bin;      /* its commands are in /usr/bin, too */
    str_list commands; /* that it has beside those of its userland */
    str_list binaries; /* paths of its own program beside entrypoint and cmd */
    LIST_OF(struct image_file) files;
    LIST_OF(struct image_tool) tools;
    int64_t size_bytes;
    const char *stop_signal; /* "SIGQUIT" or NULL = SIGTERM */
    const char *working_dir;
    const char *user;                    /* USER: "101", "nobody"; NULL = root */
    int64_t start_ms;                    /* until its server listens */
    bool start_guessed;                  /* start_ms is the built-in catalogue's */
    int_list ports;                      /* it listens here */
    bool no_ports;                       /* it is known to listen nowhere */
    const char *pull_error;              /* pulls fail with this text; NULL = they work, unless it is missing */
    bool missing;                        /* the registry does not have it: pulls fail with containerd's words */
    int64_t pull_ms;                     /* how long a pull takes; 0 = from size and the profile */
    LIST_OF(struct memory_point) memory; /* of its own program, over time; between points it changes steadily */
    const struct behaviour *behaviour;   /* of its own program, or NULL */
    bool present;                        /* on every node from the start */
    bool generic;                        /* made up for an unknown name: a long-running server */
};

struct image_entry; /* image_doc.h */
struct image_cache;
struct image_catalogue {
    struct arena *arena;
    LIST_OF(const struct image_entry *) entries; /* beside the built-in ones; those of a higher layer first */
    struct image_cache *cache;                   /* what has been looked up: images do not change */
};

void image_catalogue_init(struct image_catalogue *c, struct arena *a);
/* Never NULL: an unknown name gets a generic long-running server (generic = true). */
const struct image *image_find(const struct image_catalogue *c, const char *reference);
/* The next of the images that entries say every node has from the start; NULL at the end. */
const struct image *image_next_present(const struct image_catalogue *c, uint32_t *cursor);
/* Its first port, 0 = none. */
static inline int64_t image_port(const struct image *i) { return i->ports.count ? i->ports.items[0] : 0; }
/* How long its server takes until it listens. `nothing_takes_time` (profile instant): the catalogue's guesses
 * do not count, what a scenario says does. */
sim_time image_start_time(const struct image *image, bool nothing_takes_time);

/* ---- references (image_reference.c) ---- */

struct image_reference {
    const char *text;
    size_t repository; /* bytes of the repository, the registry with it */
    const char *rest;  /* ":1.27", "@sha256:...", both, or "" */
    const char *tag;   /* within text; tag_len 0 = none */
    size_t tag_len;
    const char *digest; /* "@sha256:..." or "" */
};
struct image_reference image_reference(const char *text);
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
