/* cmd_why.c - podsim why, why-not: simulate, and explain how something came about, or what is in its way. */
#include "report/why_not.h"

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
    bool color = output_color(o->color, STDOUT_FILENO);
    int answer = o->command == CMD_WHY ? why_explain(&w, &trace, o->question, &error)
                                       : why_not_explain(&w, &trace, o->question, color, &output, &error);
    if (answer == 0 && o->command == CMD_WHY)
        why_print(&w, color, &output);
    if (answer < 0) {
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
