/* podsim.c - the command: parse arguments, call the library, print, exit code. No decisions about
 * Kubernetes are made here.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "model/cluster.h"
#include "model/fault.h"
#include "model/image_doc.h"
#include "model/printer.h"
#include "model/profile.h"
#include "report/report.h"
#include "report/verify.h"
#include "tools/files.h"
#include "tools/options.h"

#ifndef PODSIM_VERSION
#define PODSIM_VERSION "unknown"
#endif

/* Everything for standard output goes here and is written once, at the end. */
static struct strbuf out = STRBUF_INIT;

enum { DIAG_CAP = 50 };

static void to_stderr(const struct strbuf *text)
{
    /* Nothing can be done if even this fails. */
    (void)write_all(STDERR_FILENO, strbuf_str(text), text->len);
}

static int flush_output(int code)
{
    int result = write_all(STDOUT_FILENO, strbuf_str(&out), out.len);
    if (result == 0 && close(STDOUT_FILENO) < 0)
        result = -1;
    strbuf_fini(&out);
    if (result == 0 || errno == EPIPE) /* whoever reads has had enough */
        return code;
    struct strbuf complaint = STRBUF_INIT;
    strbuf_printf(&complaint, "podsim: cannot write output: %s\n", strerror(errno));
    to_stderr(&complaint);
    strbuf_fini(&complaint);
    return EXIT_MACHINE;
}

static bool want_color(const struct options *o)
{
    if (o->color != WHEN_AUTO)
        return o->color == WHEN_ALWAYS;
    const char *no = getenv("NO_COLOR");
    return isatty(STDOUT_FILENO) && !(no && *no);
}

static void print_diags(const struct diag_set *d)
{
    struct strbuf text = STRBUF_INIT;
    diag_print(d, &text, DIAG_CAP);
    to_stderr(&text);
    strbuf_fini(&text);
}

/* Fields that are accepted and have no effect: said once, grouped. */
static void print_unmodelled(const struct scenario *s)
{
    if (s->unmodelled.count == 0)
        return;
    struct strbuf text = STRBUF_INIT;
    strbuf_puts(&text, "podsim: accepted, not modelled:\n");
    for (uint32_t i = 0; i < s->unmodelled.count; i++)
        strbuf_printf(&text, "  %s\n", s->unmodelled.items[i]);
    to_stderr(&text);
    strbuf_fini(&text);
}

/* What every command that takes files needs; fini accepts it half-built. */
struct job {
    struct inputs inputs;
    struct arena arena;
    struct diag_set diags;
    struct scenario scenario;
};

static void job_fini(struct job *j)
{
    diag_fini(&j->diags);
    arena_fini(&j->arena);
    inputs_fini(&j->inputs);
}

static int job_load(struct job *j, const struct options *o)
{
    struct strbuf complaint = STRBUF_INIT;
    *j = (struct job){0};
    arena_init(&j->arena, 0);
    diag_init(&j->diags);
    int bad = inputs_read(&j->inputs, o->files, o->file_count, &complaint);
    to_stderr(&complaint);
    strbuf_fini(&complaint);
    if (j->inputs.count && scenario_load(&j->arena, &j->diags, j->inputs.items, j->inputs.count, inputs_read_relative,
                                         &j->inputs, &j->scenario) < 0)
        bad = -1;
    if (j->diags.error_count || (!o->quiet && j->diags.warning_count))
        print_diags(&j->diags);
    if (bad == 0 && !o->quiet)
        print_unmodelled(&j->scenario);
    return bad;
}

static int limit_reached(struct cluster *c)
{
    struct strbuf text = STRBUF_INIT;
    const char *what = cluster_limit_text(c), *cycle = strstr(what, "; ");
    int n = cycle ? (int)(cycle - what) : (int)strlen(what);
    strbuf_printf(&text, "podsim: %.*s\n", n, what);
    if (cycle)
        strbuf_printf(&text, "  %s\n", cycle + 2);
    if (cluster_limit_can_be_set(c))
        strbuf_puts(&text, "  limits are set with --limit-events, --limit-instant and --limit-memory\n");
    to_stderr(&text);
    strbuf_fini(&text);
    return EXIT_LIMIT;
}

/* A broken promise is a bug of podsim. */
static int verified(const struct run_trace *trace)
{
    struct strbuf text = STRBUF_INIT;
    struct verify_result result;
    if (verify_trace(trace, &text, &result)) {
        strbuf_puts(&text, "podsim: this run does what no cluster does; please report it with its input\n");
        to_stderr(&text);
    }
    strbuf_fini(&text);
    return result.broken ? EXIT_INTERNAL : EXIT_OK;
}

static struct cluster *run_scenario(const struct job *j, const struct options *o, int *ret_code)
{
    struct cluster_options options = o->cluster;
    options.diags = &j->diags;
    struct cluster *c = cluster_new(&j->scenario, &options);
    *ret_code = cluster_run(c) == RUN_LIMIT ? limit_reached(c) : EXIT_OK;
    return c;
}

static void report(const struct run_trace *trace, const struct job *j, const struct options *o)
{
    struct report_options r = {
        .format = o->command == CMD_LOGS ? REPORT_LOGS : o->format,
        .color = want_color(o),
        .header = !o->no_header,
        .width = o->width,
        .scenario = j->scenario.name,
    };
    report_write(trace, &r, &out);
}

/* What only the run could find out, such as a syntax error in a script, with the line it stands in. */
static void print_found(const struct run_trace *trace, struct job *j)
{
    diag_clear(&j->diags);
    for (uint32_t i = 1; i < trace_count(trace->trace); i++) {
        const struct trace_record *r = trace_at(trace->trace, i);
        const struct trace_diag *d = r->kind == TRACE_DIAG ? r->data : NULL;
        if (d && d->at.line && d->at.file < j->diags.files.count)
            diag_warning(&j->diags, d->at, "%s", d->message);
    }
    print_diags(&j->diags);
}

static int run_loaded(struct job *j, const struct options *o)
{
    int code;
    struct cluster *c = run_scenario(j, o, &code);
    struct run_trace trace = cluster_trace(c);
    report(&trace, j, o);
    if (!o->quiet)
        print_found(&trace, j);
    if (o->digest)
        strbuf_printf(&out, "digest: %016" PRIx64 "\n", cluster_digest(c));
    if (o->verify && verified(&trace) != EXIT_OK)
        code = EXIT_INTERNAL;
    cluster_free(c);
    return code;
}

static int cmd_run(const struct options *o)
{
    struct job j;
    int code = job_load(&j, o) < 0 ? EXIT_INPUT : run_loaded(&j, o);
    job_fini(&j);
    return code;
}

/* ---- logs ---- */

static int logs_loaded(const struct job *j, const struct options *o)
{
    struct strbuf notes = STRBUF_INIT;
    int code;
    struct cluster *c = run_scenario(j, o, &code);
    struct run_trace trace = cluster_trace(c);
    if (!o->logs.pod)
        report(&trace, j, o);
    else if (report_pod_logs(&trace, &o->logs, &out, &notes) < 0 && code == EXIT_OK)
        code = EXIT_NONE;
    to_stderr(&notes);
    strbuf_fini(&notes);
    cluster_free(c);
    return code;
}

static int cmd_logs(const struct options *o)
{
    struct job j;
    int code = job_load(&j, o) < 0 ? EXIT_INPUT : logs_loaded(&j, o);
    job_fini(&j);
    return code;
}

/* ---- get: the objects as the API server would hold them at time 0 ---- */

static struct api_object *admitted(struct arena *a, const struct api_object *given)
{
    size_t size = kind_infos[given->kind].type->size;
    struct api_object *o = arena_alloc(a, size);
    memcpy(o, given, size);
    if (kind_infos[o->kind].namespaced && !o->meta.namespace_)
        o->meta.namespace_ = "default";
    o->meta.creation_timestamp = 0;
    if (o->kind == KIND_POD)
        pod_prepare_for_create(a, (struct pod *)o);
    return o;
}

static void print_tables(struct api_object **objects, uint32_t count, const struct options *o)
{
    uint32_t flags = o->get_format == GET_WIDE ? PRINT_WIDE : 0;
    uint32_t kinds = 0, printed = 0;
    for (uint32_t i = 0; i < count; i++)
        kinds |= 1u << objects[i]->kind;
    if (kinds & (kinds - 1))
        flags |= PRINT_KIND;
    for (int kind = 1; kind < KIND_COUNT; kind++) {
        if (!(kinds & 1u << kind))
            continue;
        struct table t = TABLE_INIT;
        if (!o->no_header)
            printer_header(&t, (enum api_kind)kind, flags);
        for (uint32_t i = 0; i < count; i++)
            if ((int)objects[i]->kind == kind)
                printer_row(&t, NULL, objects[i], 0, flags);
        strbuf_puts(&out, printed++ ? "\n" : "");
        table_print(&t, &out);
        table_fini(&t);
    }
}

static void print_names(struct api_object **objects, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        printer_name(&out, objects[i]->kind, objects[i]->meta.name ? objects[i]->meta.name : "");
        strbuf_putc(&out, '\n');
    }
}

static int get_loaded(struct job *j, const struct options *o)
{
    uint32_t count = j->scenario.objects.count;
    struct api_object **objects = arena_array(&j->arena, struct api_object *, count ? count : 1);
    for (uint32_t i = 0; i < count; i++)
        objects[i] = admitted(&j->arena, j->scenario.objects.items[i]);
    if (o->get_format == GET_NAME)
        print_names(objects, count);
    else if (o->get_format == GET_JSON || o->get_format == GET_YAML)
        printer_documents(&out, (const struct api_object *const *)objects, count, j->scenario.epoch,
                          o->get_format == GET_JSON, true);
    else
        print_tables(objects, count, o);
    return EXIT_OK;
}

static int cmd_get(const struct options *o)
{
    struct job j;
    int code = job_load(&j, o) < 0 ? EXIT_INPUT : get_loaded(&j, o);
    job_fini(&j);
    return code;
}

/* ---- schema, version, help ---- */

static int cmd_schema(void)
{
    const struct api_type *roots[KIND_COUNT + 2] = {&scenario_type, &image_catalogue_type};
    uint32_t count = 2;
    for (int kind = 1; kind < KIND_COUNT; kind++)
        if (kind != KIND_EVENT)
            roots[count++] = kind_infos[kind].type;
    api_write_schema(roots, count, &out);
    return EXIT_OK;
}

static int cmd_version(void)
{
    strbuf_puts(&out, "podsim " PODSIM_VERSION ", semantics of Kubernetes 1.34 to 1.36\n");
    return EXIT_OK;
}

static int usage_error(const struct strbuf *complaint)
{
    struct strbuf text = STRBUF_INIT;
    strbuf_printf(&text, "podsim: %s\nTry \"podsim help\".\n", strbuf_str(complaint));
    to_stderr(&text);
    strbuf_fini(&text);
    return EXIT_USAGE;
}

/* The table of latencies, from the model's own. */
static int help_profiles(void)
{
    strbuf_puts(&out, "What a step costs, by profile (--profile, or spec.timing.profile of a scenario):\n\n"
                      "  STEP                     instant  typical  jittered   WHAT IT IS\n");
    for (int h = 0; h < HOP_COUNT; h++) {
        const struct hop_info *hop = &hop_infos[h];
        struct strbuf typical = STRBUF_INIT;
        strbuf_go_duration(&typical, hop->typical);
        strbuf_printf(&out, "  %-24s %7d  %7s  +%d%% -%d%%%*s  %s\n", hop->name, (int)hop->instant,
                      strbuf_str(&typical), hop->jitter_percent, hop->jitter_percent / 2,
                      hop->jitter_percent >= 20 ? 0 : 2, "", hop->doc);
        strbuf_fini(&typical);
    }
    strbuf_puts(
        &out,
        "\n`ref` is the reference of the worked examples: all of these 0, relists at whole seconds, sync ticks\n"
        "half a second later, pods reach the kubelet 0.3 s after creation. `jittered` draws from the seed, each\n"
        "step of each object on its own, and gives the kubelet's tickers free phases. A scenario may say otherwise\n"
        "of single steps, e.g. `timing: {latencies: {sandboxCreate: 2s}}`.\n");
    return EXIT_OK;
}

static int help_faults(void)
{
    static const char *const operands[] = {
        [FAULT_OF_CLUSTER] = "", [FAULT_OF_POD] = " POD", [FAULT_OF_NODE] = " NODE", [FAULT_OF_IMAGE] = " IMAGE"};
    strbuf_puts(&out, "What can befall a cluster, as actions of a scenario:\n\n"
                      "  actions:\n"
                      "  - at: 40s\n"
                      "    fault: container kill web --signal TERM\n\n");
    for (int i = 0; i < FAULT_KIND_COUNT; i++) {
        const struct fault_info *f = &fault_infos[i];
        strbuf_printf(&out, "  %s %s%s", f->object, f->verb, operands[f->operand]);
        for (int k = 0; k < FAULT_FLAG_COUNT; k++)
            if (f->flags & 1u << k)
                strbuf_printf(&out, " [%s %s]", fault_flags[k].usage, fault_flags[k].value);
        strbuf_printf(&out, "\n      %s\n", f->doc);
    }
    strbuf_puts(&out, "\nA NODE may be left out when there is only one.\n");
    return EXIT_OK;
}

static void help_feature(const struct feature_info *x)
{
    if (x->on == SINCE_NEVER)
        strbuf_printf(&out, "  off         %s\n", x->doc);
    else if (x->off && x->on > 1)
        strbuf_printf(&out, "  1.%d only   %s\n", x->on, x->doc);
    else
        strbuf_printf(&out, "  %s 1.%d  %s\n", x->off ? "until" : "since", x->off ? x->off - 1 : x->on, x->doc);
    if (*x->gate)
        strbuf_printf(&out, "              %s\n", x->gate);
}

static int help_features(void)
{
    strbuf_printf(&out,
                  "Kubernetes 1.%d to 1.%d are modelled (spec.kubernetesVersion of a scenario). Feature gates\n"
                  "(spec.featureGates), and when they are on by default:\n\n",
                  MINOR_OLDEST, MINOR_NEWEST);
    for (int i = 0; i < FEATURE_COUNT; i++)
        if (*feature_infos[i].gate)
            help_feature(&feature_infos[i]);
    strbuf_puts(&out, "\nWhat came with a version and cannot be set:\n\n");
    for (int i = 0; i < FEATURE_COUNT; i++)
        if (!*feature_infos[i].gate)
            help_feature(&feature_infos[i]);
    return EXIT_OK;
}

/* "path, port, status ..." */
static void put_field_names(const struct api_type *type)
{
    for (uint32_t i = 0; i < type->field_count; i++)
        strbuf_printf(&out, "%s%s", i ? ", " : "", type->fields[i].name);
}

static int help_behaviours(void)
{
    strbuf_puts(&out,
                "What containers do, said in a scenario ...\n\n"
                "  behaviours:\n"
                "  - pod: web-*\n"
                "    startup: {between: [5s, 20s]}\n"
                "    http: {path: /healthz, status: 500, from: 30s, for: 10s}\n\n"
                "... or in an annotation of the pod, `podsim.dev/behaviour` or `podsim.dev/behaviour.CONTAINER`:\n\n"
                "  annotations:\n"
                "    podsim.dev/behaviour: |\n"
                "      startup: 5s\n\n");
    for (uint32_t i = 0; i < behaviour_type.field_count; i++) {
        const struct api_field *f = &behaviour_type.fields[i];
        strbuf_printf(&out, "  %s\n      %s\n", f->name, f->doc);
        if (!f->type || f->type == &behaviour_type)
            continue;
        if (text_is(f->type->short_field, "exactly")) {
            strbuf_puts(&out,
                        "      A time such as 5s, or what it is drawn from: {between: [5s, 20s]}, {oneOf: [1s, 30s]},\n"
                        "      {around: 10s, spread: 2s}.\n");
            continue;
        }
        strbuf_puts(&out, "      Fields: ");
        put_field_names(f->type);
        if (f->type->short_field)
            strbuf_printf(&out, ".\n      A value alone is its `%s`", f->type->short_field);
        strbuf_puts(&out, ".\n");
    }
    strbuf_puts(&out, "\nA scenario's entry chooses containers by ");
    put_field_names(
        &(struct api_type){.fields = scenario_behaviour_type.fields,
                           .field_count = scenario_behaviour_type.field_count - behaviour_type.field_count});
    strbuf_puts(&out, ".\nThe whole story, with examples: podsim-scenario(5), BEHAVIOURS, and scenarios/behaviours.\n");
    return EXIT_OK;
}

static int help_image(const char *name)
{
    if (image_print(name, &out) == 0)
        return EXIT_OK;
    struct strbuf complaint = STRBUF_INIT;
    strbuf_printf(&complaint, "there is no image \"%s\" in the catalogue; see \"podsim help images\"", name);
    int code = usage_error(&complaint);
    strbuf_fini(&complaint);
    return code;
}

static int help_images(void)
{
    strbuf_puts(&out,
                "Images that podsim knows. A name without registry stands for that image in every registry, and for\n"
                "every tag; any other image is a server that runs until it is stopped.\n\n");
    image_list(&out);
    strbuf_puts(
        &out, "\n`podsim help images NAME` prints what is known of one, as a document to be changed and given beside\n"
              "manifests, or under spec.images of a scenario: podsim-scenario(5).\n");
    return EXIT_OK;
}

static int cmd_help(const struct options *o)
{
    static const struct {
        const char *topic;
        int (*print)(void);
    } topics[] = {{"profiles", help_profiles},
                  {"faults", help_faults},
                  {"features", help_features},
                  {"images", help_images},
                  {"behaviours", help_behaviours}};

    if (o->subject)
        return help_image(o->subject);

    enum command_id topic = CMD_COUNT;
    for (size_t i = 0; o->topic && i < ARRAY_LEN(topics); i++)
        if (strcmp(o->topic, topics[i].topic) == 0)
            return topics[i].print();
    if (o->topic && command_parse(o->topic, &topic) < 0) {
        struct strbuf complaint = STRBUF_INIT;
        strbuf_printf(&complaint, "there is no command \"%s\" to explain", o->topic);
        int code = usage_error(&complaint);
        strbuf_fini(&complaint);
        return code;
    }
    options_help(topic, &out);
    return EXIT_OK;
}

static int dispatch(const struct options *o)
{
    if (o->help) {
        options_help(o->command, &out);
        return EXIT_OK;
    }
    switch (o->command) {
    case CMD_RUN:
        return cmd_run(o);
    case CMD_GET:
        return cmd_get(o);
    case CMD_LOGS:
        return cmd_logs(o);
    case CMD_SCHEMA:
        return cmd_schema();
    case CMD_VERSION:
        return cmd_version();
    case CMD_HELP:
    case CMD_COUNT:
        break;
    }
    return cmd_help(o);
}

int main(int argc, char **argv)
{
    struct options o;
    struct strbuf complaint = STRBUF_INIT;
    int code;
    if (options_parse(argc, argv, &o, &complaint) < 0)
        code = usage_error(&complaint);
    else
        code = dispatch(&o);
    strbuf_fini(&complaint);
    options_fini(&o);
    return flush_output(code);
}
