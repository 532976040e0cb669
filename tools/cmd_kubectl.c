/* cmd_kubectl.c - podsim get, describe, events, top, rollout: what kubectl would print at some time of a run.
 *
 * The line is parsed and carried out by the kubectl of the model, as a last action of the scenario at that time; it
 * changes nothing. With -w, and for rollout status, it goes on to the end of the span, or of the run.
 */
#include <string.h>

#include "model/kubectl.h"
#include "tools/commands.h"
#include "tools/job.h"
#include "tools/options_table.h"
#include "tools/output.h"

struct span {
    sim_time from, to; /* SIM_NEVER = the end of the run */
};

/* "95s", "10s..60s" */
static int parse_span(const char *text, struct span *ret)
{
    char first[64];
    const char *dots = strstr(text, "..");
    size_t n = dots ? (size_t)(dots - text) : strlen(text);
    if (n >= sizeof first)
        return -1;
    memcpy(first, text, n);
    first[n] = '\0';
    ret->to = SIM_NEVER;
    if (sim_parse_duration(first, &ret->from) < 0 || ret->from < 0)
        return -1;
    return dots && (sim_parse_duration(dots + 2, &ret->to) < 0 || ret->to < ret->from) ? -1 : 0;
}

/* Words as a shell would need them. */
static void put_word(struct strbuf *line, const char *word)
{
    strbuf_puts(line, " '");
    for (; *word; word++) {
        if (*word == '\'')
            strbuf_puts(line, "'\\''");
        else
            strbuf_putc(line, *word);
    }
    strbuf_putc(line, '\'');
}

static const struct kubectl_command *parse_line(struct job *j, const struct options *o)
{
    const struct kubectl_command *command = NULL;
    struct strbuf line = STRBUF_INIT;
    diag_clear(&j->diags);
    strbuf_puts(&line, command_infos[o->command].name);
    for (uint32_t i = 0; i < o->kubectl.words.count; i++)
        put_word(&line, o->kubectl.words.items[i]);
    int bad = kubectl_parse(&j->arena, &j->diags, SRC_POS_NONE, arena_strdup(&j->arena, strbuf_str(&line)), NULL, NULL,
                            &command);
    strbuf_fini(&line);
    output_diags(&j->diags, o);
    return bad ? NULL : command;
}

/* When the run ends that nobody looks at. */
static sim_time end_of_run(struct job *j, const struct options *o)
{
    int code;
    struct cluster *c = job_run(j, o, &code);
    sim_time end = cluster_trace(c).end;
    cluster_free(c);
    return end;
}

/* At the end of what is to happen at `at`. Returns its index. */
static uint32_t add_action(struct job *j, const struct kubectl_command *command, sim_time at)
{
    struct scenario *s = &j->scenario;
    struct scenario_action *all = arena_array(&j->arena, struct scenario_action, s->actions.count + 1);
    uint32_t k = 0;
    while (k < s->actions.count && s->actions.items[k].at <= at)
        k++;
    for (uint32_t i = 0; i <= s->actions.count; i++)
        all[i] = i < k ? s->actions.items[i] : i == k ? (struct scenario_action){0} : s->actions.items[i - 1];
    all[k] = (struct scenario_action){.at = at, .line = "", .command = command, .script = UINT32_MAX};
    s->actions.items = all;
    s->actions.count++;
    return k;
}

/* kubectl complains on standard error. */
static void print_said(const char *text)
{
    struct strbuf complaints = STRBUF_INIT;
    while (*text) {
        size_t n = strcspn(text, "\n");
        n += text[n] == '\n';
        bool wrong = strncmp(text, "error: ", 7) == 0 || strncmp(text, "Error from server", 17) == 0;
        strbuf_add(wrong ? &complaints : &output, text, n);
        text += n;
    }
    output_error(&complaints);
    strbuf_fini(&complaints);
}

/* What the action has printed; its exit code. */
static int print_action(const struct run_trace *run, uint32_t action)
{
    uint32_t record = 0, code = 0;
    for (uint32_t i = 1; i < trace_count(run->trace); i++) {
        const struct trace_record *r = trace_at(run->trace, i);
        if (r->kind == TRACE_ACTION && r->aux == action) {
            record = i;
        } else if (record && r->kind == TRACE_ACTION_OUTPUT && r->cause == record) {
            print_said(r->text);
            code = r->aux ? r->aux : code;
        }
    }
    return code ? EXIT_NONE : EXIT_OK;
}

static int run_line(struct job *j, const struct options *o, const struct kubectl_command *command, struct span span)
{
    struct options here = *o;
    int code;
    bool goes_on = kubectl_goes_on(command);
    sim_time end = span.from == SIM_NEVER || (goes_on && span.to == SIM_NEVER) ? end_of_run(j, o) : 0;
    if (span.from == SIM_NEVER)
        span.from = end;
    if (span.to == SIM_NEVER)
        span.to = goes_on && end > span.from ? end : span.from;
    uint32_t action = add_action(j, command, span.from);
    here.cluster.has_until = true;
    here.cluster.until = span.to;
    struct cluster *c = job_run(j, &here, &code);
    struct run_trace trace = cluster_trace(c);
    int said = print_action(&trace, action);
    cluster_free(c);
    return code ? code : said;
}

int cmd_kubectl(const struct options *o)
{
    struct span span = {SIM_NEVER, SIM_NEVER};
    struct job j;
    int code = EXIT_INPUT;
    if (o->kubectl.at && parse_span(o->kubectl.at, &span) < 0)
        return output_usage_error(o->command, "--at: want a time such as 95s, or a span such as 10s..60s");
    if (job_load(&j, o) == 0) {
        const struct kubectl_command *command = parse_line(&j, o);
        code = command ? run_line(&j, o, command, span) : EXIT_USAGE;
    }
    job_fini(&j);
    return code;
}
