/* image_doc.h - an entry of a catalogue of images, as it is written: one table for the built-in catalogue
 * (images.yaml), for documents of kind ImageCatalogue and for spec.images of a scenario.
 */
#ifndef MODEL_IMAGE_DOC_H
#define MODEL_IMAGE_DOC_H

#include "model/behaviour.h"
#include "model/image.h"

struct image_memory_doc {
    sim_time at;
    struct quantity use;
};

/* What can be said of an image, all of it optional. */
struct image_facts {
    const char *program, *userland, *working_dir, *user, *stop_signal, *pull_error;
    str_list versions, entrypoint, cmd, binaries, commands;
    str_map env;
    bool missing;
    struct opt_bool present;
    struct quantity size;
    sim_time pull, startup;
    struct opt_i64 port;
    int_list ports;
    LIST_OF(struct image_file) files;
    LIST_OF(struct image_tool) tools;
    LIST_OF(struct image_memory_doc) memory;
    const struct behaviour *behaviour;
};

/* What is different in some tags. */
struct image_variant {
    str_list tags; /* "*-alpine", "<1.19", ">=8" */
    struct image_facts facts;
};

struct image_entry {
    const char *name, *like;
    str_list aliases;
    struct image_facts facts;
    LIST_OF(struct image_variant) variants;
    uint32_t layer; /* what stands in a higher one goes first; 0 = built in */
};

struct image_catalogue_doc {
    const char *api_version, *kind;
    LIST_OF(struct image_entry) images;
};

extern const struct api_type image_entry_type, image_catalogue_type;

/* Whether one of the patterns is for the reference's tag. */
bool image_tag_matches(const str_list *patterns, const struct image_reference *r);

/* ---- the built-in catalogue: made from images.yaml by images.py ---- */
struct built_in_name {
    const char *name;
    uint16_t entry;
};
struct built_in_text {            /* of one entry */
    uint32_t shown, shown_length; /* in built_in_shown: as in the file */
    uint32_t read, read_length;   /* in built_in_read: without what is in its files */
};
extern const struct built_in_name built_in_names[]; /* sorted, aliases among them */
extern const uint32_t built_in_name_count;
extern const struct built_in_text built_in_texts[];
extern const uint32_t built_in_text_count;
extern const char built_in_shown[], built_in_read[];
/* What is in files: a content "\001N" stands for the text at the N-th start. */
extern const char built_in_contents[];
extern const uint32_t built_in_content_starts[];

/* Which of the texts the reference means, -1 = none; and that entry, read, or NULL. */
int32_t image_built_in_number(const struct image_reference *r);
const struct image_entry *image_built_in(struct arena *a, const char *reference);

struct check;
/* No name twice in the list. */
void image_check_names(struct check *list, const struct image_entry *items, uint32_t count);

/* Adds the entries to the catalogue, above those that are there; says what is wrong with what they are like. */
int image_catalogue_add(struct image_catalogue *c, struct diag_set *d, const struct image_entry *items, uint32_t count,
                        const struct value *list);

/* ---- for people (image_list.c) ---- */
void image_list(struct strbuf *out);
/* The entry as YAML, to be copied and changed; -1 when there is none. */
int image_print(const char *name, struct strbuf *out);

#endif
