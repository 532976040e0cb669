/* printer_private.h - one row of a table of kubectl get: shared by printer.c and printer_workload.c. */
#ifndef MODEL_PRINTER_PRIVATE_H
#define MODEL_PRINTER_PRIVATE_H

#include "model/api_apps.h"
#include "model/printer.h"

struct row {
    struct table *table;
    struct strbuf *cell; /* scratch, emptied by flush() */
    int64_t epoch;
    sim_time now;
    bool wide;
    const struct features *server;
};
/* Ends a cell. */
void row_flush(struct row *r);
/* A whole cell. */
void row_put(struct row *r, const char *text);
void row_put_age(struct row *r, sim_time created);
void row_put_int(struct row *r, int64_t n);

/* printer_workload.c */
void deployment_row(struct row *r, const struct api_object *o);
void replica_set_row(struct row *r, const struct api_object *o);
void job_row(struct row *r, const struct api_object *o);
void cron_job_row(struct row *r, const struct api_object *o);
/* k8s layoutContainerCells: names, images. */
void put_containers(struct row *r, const struct pod_spec *s);
void put_selector(struct row *r, const struct label_selector *s);

/* printer_sets.c */
void stateful_set_row(struct row *r, const struct api_object *o);
void daemon_set_row(struct row *r, const struct api_object *o);
void controller_revision_row(struct row *r, const struct api_object *o);
void claim_row(struct row *r, const struct api_object *o);

#endif
