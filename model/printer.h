/* printer.h - what `kubectl get` shows of an object: columns, STATUS words, ages, aligned tables.
 *
 * Pure functions of an object version and an instant. They stand in model/ because actions print
 * through them as well as reports. Mirrors k8s pkg/printers/internalversion/printers.go and
 * apimachinery pkg/util/duration; wording and layout: api-objects.md section 10.
 *
 *     struct table t = TABLE_INIT;
 *     printer_header(&t, NULL, KIND_POD, 0);
 *     printer_row(&t, NULL, object, now, 0);
 *     table_print(&t, &out);
 *     table_fini(&t);
 */
#ifndef MODEL_PRINTER_H
#define MODEL_PRINTER_H

#include "model/api_core.h"
#include "model/feature_gates.h"
#include "sim/strbuf.h"

/* ---- tables: every column as wide as its widest cell plus `gap` blanks, the last one unpadded ---- */
enum { TABLE_COLUMNS = 40 };
struct table {
    struct strbuf text;            /* private: cells end in NUL; a row ends in "\n" */
    uint32_t width[TABLE_COLUMNS]; /* widest cell so far, in characters */
    uint32_t column;               /* where the next cell goes */
    uint32_t gap;                  /* 0 = kubectl's 3 */
};
#define TABLE_INIT                                                                                                     \
    {                                                                                                                  \
        .text = STRBUF_INIT                                                                                            \
    }
void table_fini(struct table *t);
/* A newline in a cell cuts it there and adds "...", as kubectl does. */
void table_cell(struct table *t, const char *text);
void table_end_row(struct table *t);
void table_print(const struct table *t, struct strbuf *out);

/* Characters (code points) of a UTF-8 text. */
uint32_t text_width(const char *s);

/* Aligns tab-terminated cells as Go's text/tabwriter does with padding 2: a column is as wide as its
 * widest cell among consecutive lines that have it. `kubectl describe` is written so. */
void text_align_tabs(struct strbuf *out, const char *text);

/* ---- pieces ---- */

/* An age as kubectl prints it: "119s", "2m6s", "3h5m" (api-objects.md 10.2). */
void printer_age(struct strbuf *out, sim_time age);

/* The pod columns as values. */
enum { POD_STATUS_MAX = 80 };
struct pod_columns {
    uint32_t ready, total; /* containers, sidecars included */
    char status[POD_STATUS_MAX];
    int64_t restarts;
    sim_time last_restart; /* finishedAt of the newest last state, SIM_NEVER = none */
};
/* server: the version that makes the table; NULL = the newest. */
void printer_pod_columns(const struct pod *pod, const struct features *server, struct pod_columns *ret_columns);
/* "3" or "3 (22s ago)". */
void printer_restarts(struct strbuf *out, const struct pod_columns *columns, sim_time now);

const struct pod_condition *pod_condition_find(const struct pod *pod, const char *type); /* or NULL */
bool pod_condition_true(const struct pod *pod, const char *type);

/* "80/TCP,443:30443/TCP", "<none>". */
void printer_service_ports(struct strbuf *out, const struct service *svc);
/* The name of the Service a slice belongs to, or the slice's own name. */
const char *printer_slice_service(const struct endpoint_slice *slice);

/* ---- kubectl get ---- */
enum printer_flags {
    PRINT_WIDE = 1 << 0,
    PRINT_NAMESPACE = 1 << 1, /* -A: a NAMESPACE column first */
    PRINT_KIND = 1 << 2,      /* several kinds: names as "pod/web" */
};
/* server: the version that makes the table; NULL = the newest. */
void printer_header(struct table *t, const struct features *server, enum api_kind kind, uint32_t flags);
/* The same without the end of the row: others may add cells. */
void printer_header_cells(struct table *t, const struct features *server, enum api_kind kind, uint32_t flags);
/* epoch: wall-clock second of time 0, for columns with dates. */
void printer_row_cells(struct table *t, const struct features *server, const struct api_object *o, int64_t epoch,
                       sim_time now, uint32_t flags);
void printer_row(struct table *t, const struct features *server, const struct api_object *o, int64_t epoch,
                 sim_time now, uint32_t flags);

/* "pod/web", "endpointslice.discovery.k8s.io/web-x7k2m": what -o name and messages use. */
void printer_name(struct strbuf *out, enum api_kind kind, const char *name);

/* Objects as `kubectl get -o json|yaml` prints them: one alone when `alone`, else as a List. */
void printer_documents(struct strbuf *out, const struct api_object *const *objects, uint32_t count, int64_t epoch,
                       bool json, bool alone);

#endif
