/* printer_private.h - one row of a table of kubectl get: shared by printer.c and printer_workload.c. */
#ifndef MODEL_PRINTER_PRIVATE_H
#define MODEL_PRINTER_PRIVATE_H

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

#endif
