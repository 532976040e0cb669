/* cmd_why.c - podsim why: simulate, and explain how something came about. */
#include "report/why.h"

#include <unistd.h>

#include "tools/commands.h"
#include "tools/job.h"
#include "tools/output.h"

static int explain(struct job *j, const struct options *o)
{
    int code;
    const char *error = NULL;
    struct why w;
    struct cluster *c = job_run(j, o, &code);
    struct run_trace trace = cluster_trace(c);
    if (why_explain(&w, &trace, o->question, &error) == 0) {
        why_print(&w, output_color(o->color, STDOUT_FILENO), &output);
    } else {
        struct strbuf text = STRBUF_INIT;
        strbuf_printf(&text, "podsim: %s\n", error);
        output_error(&text);
        strbuf_fini(&text);
        code = code ? code : EXIT_NONE;
    }
    why_fini(&w);
    cluster_free(c);
    return code;
}

int cmd_why(const struct options *o)
{
    struct job j;
    int code = job_load(&j, o) < 0 ? EXIT_INPUT : explain(&j, o);
    job_fini(&j);
    return code;
}
