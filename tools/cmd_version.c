/* cmd_version.c - podsim version: what this program is and what it models. No dates: two builds of a commit are equal.
 */
#include "model/feature_gates.h"
#include "report/report.h"
#include "tools/commands.h"
#include "tools/output.h"
#include "tools/version.h"

#ifndef PODSIM_VERSION
#define PODSIM_VERSION "unknown"
#endif

static void put_json(void)
{
    strbuf_puts(&output, "{\"version\":\"" PODSIM_VERSION "\",\"commit\":");
    if (*PODSIM_COMMIT)
        strbuf_json(&output, PODSIM_COMMIT);
    else
        strbuf_puts(&output, "null");
    strbuf_puts(&output,
                ",\"apiVersion\":\"podsim.dev/v1\",\"traceSchema\":\"podsim.dev/trace/v1\",\"kubernetesVersions\":[");
    for (int minor = MINOR_OLDEST; minor <= MINOR_NEWEST; minor++)
        strbuf_printf(&output, "%s\"1.%d\"", minor > MINOR_OLDEST ? "," : "", minor);
    strbuf_printf(&output, "],\"defaultKubernetesVersion\":\"1.%d\"}\n", MINOR_NEWEST);
}

int cmd_version(const struct options *o)
{
    if (o->version_json)
        put_json();
    else
        strbuf_printf(&output, "podsim " PODSIM_VERSION "%s%s, semantics of Kubernetes 1.%d to 1.%d\n",
                      *PODSIM_COMMIT ? " " : "", PODSIM_COMMIT, MINOR_OLDEST, MINOR_NEWEST);
    return EXIT_OK;
}
