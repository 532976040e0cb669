/* kubectl_describe.h - what the files of kubectl describe share, and nobody else's.
 *
 *   kubectl_describe.c       pods and pod templates, Events
 *   kubectl_describe_kinds.c all other kinds, but for
 *   kubectl_describe_batch.c Jobs and CronJobs
 *   kubectl_describe_policy.c budgets, classes of priority
 */
#ifndef MODEL_KUBECTL_DESCRIBE_H
#define MODEL_KUBECTL_DESCRIBE_H

#include "model/api_apps.h"
#include "model/kubectl_private.h"

struct describe {
    struct kubectl_run *run;
    struct strbuf text; /* with tabs, aligned at the end */
    const struct pod *pod;
    sim_time now;
    const char *space; /* before the titles of what a pod template has; "" for pods */
};

void describe_line(struct describe *d, const char *label, const char *text);
/* One pair per line, the first behind the label; labels are between '=', annotations ':'. */
void describe_map(struct describe *d, const char *label, const str_map *map, char between);
void describe_date(struct describe *d, sim_time t); /* Go's RFC1123Z */
/* Those of the object, unless --show-events=false. */
void describe_events(struct describe *d, const struct api_object *o);
/* "Pod Template:" and all that follows. */
void describe_template(struct describe *d, const struct object_meta *meta, const struct pod_spec *spec);
/* kubectl_describe_policy.c */
void describe_pdb(struct describe *d, const struct api_object *o);
void describe_resource_quota(struct describe *d, const struct api_object *o);
void describe_limit_range(struct describe *d, const struct api_object *o);
void describe_namespace_limits(struct describe *d, const char *name);
void describe_priority_class(struct describe *d, const struct api_object *o);
/* kubectl_describe_kinds.c: lines that several kinds have. */
void describe_head(struct describe *d, const struct api_object *o);
void describe_labels(struct describe *d, const struct api_object *o); /* and annotations */
void describe_controller(struct describe *d, const struct api_object *o);
void describe_number(struct describe *d, const char *label, int64_t n);
void describe_date_line(struct describe *d, const char *label, sim_time t);
const char *describe_selector(struct describe *d, const struct label_selector *s);
/* kubectl_describe_batch.c */
void describe_job(struct describe *d, const struct api_object *o);
void describe_cron_job(struct describe *d, const struct api_object *o);
/* kubectl_describe_hpa.c */
void describe_hpa(struct describe *d, const struct api_object *o);
/* kubectl_describe_kinds.c: any kind but pods. */
void describe_object(struct describe *d, const struct api_object *o);

#endif
