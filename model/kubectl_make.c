/* kubectl_make.c - verbs that make up objects: run, expose; create -f. kubectl pkg/cmd/run, expose (v1.34). */
#include "model/kubectl_parse.h"

#include <string.h>

/* ---- members of the document ---- */

void make_head(struct strbuf *b, const char *api_version, const char *kind, const char *name)
{
    strbuf_printf(b, "{\"apiVersion\":\"%s\",\"kind\":\"%s\",\"metadata\":{\"name\":", api_version, kind);
    strbuf_json(b, name);
}

void make_string(struct strbuf *b, const char *name, const char *text)
{
    if (!text)
        return;
    strbuf_printf(b, ",\"%s\":", name);
    strbuf_json(b, text);
}

void make_literals(struct parser *p, struct strbuf *b, enum flag_id f, bool as_list)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < p->repeated.count; i++) {
        const struct flag_value *v = pool_at(&p->repeated, i);
        if (v->flag != (int)f)
            continue;
        const char *equals = strchr(v->text, '=');
        if (!equals || equals == v->text) {
            MISTAKE(p, parser_at(p, v->word), "invalid --%s %s, expected key=value", kubectl_flags[f].name, v->text);
            continue;
        }
        strbuf_puts(b, n++ ? "," : "");
        strbuf_puts(b, as_list ? "{\"name\":" : "");
        strbuf_json(b, arena_strndup(p->arena, v->text, (size_t)(equals - v->text)));
        strbuf_puts(b, as_list ? ",\"value\":" : ":");
        strbuf_json(b, equals + 1);
        strbuf_puts(b, as_list ? "}" : "");
    }
}

void make_labels(struct parser *p, struct strbuf *b, const struct flag_value *given)
{
    uint32_t n = 0;
    for (const char *t = given->text; *t; n++) {
        size_t len = strcspn(t, ","), key = strcspn(t, "=");
        if (key >= len || key == 0)
            MISTAKE(p, parser_at(p, given->word), "unexpected label spec: %.*s", (int)len, t);
        strbuf_puts(b, n ? "," : "");
        strbuf_json(b, arena_strndup(p->arena, t, key < len ? key : len));
        strbuf_putc(b, ':');
        strbuf_json(b, key < len ? arena_strndup(p->arena, t + key + 1, len - key - 1) : "");
        t += len + (t[len] == ',');
    }
}

/* ---- create -f, autoscale ---- */

void parser_create(struct parser *p)
{
    parser_no_more(p, 0);
    if (!parser_flag_text(p, FLAG_FILENAME))
        MISSING(p, "must specify one of -f and -k");
}

/* createHorizontalPodAutoscalerV2: --cpu takes 70% or 500m, --cpu-percent a number. */
static void make_autoscaler(struct parser *p, int64_t min, int64_t max)
{
    const struct kind_info *target = &kind_infos[p->cmd->targets.items[0].kind];
    const char *name = parser_flag_text(p, FLAG_NAME), *cpu = parser_flag_text(p, FLAG_CPU);
    int64_t percent = parser_flag_integer(p, FLAG_CPU_PERCENT, -1);
    if (!name)
        name = p->cmd->targets.items[0].name;
    size_t n = cpu ? strlen(cpu) : 0;
    if (n && cpu[n - 1] == '%')
        cpu = arena_strndup(p->arena, cpu, n - 1);
    struct strbuf b = STRBUF_INIT;
    strbuf_puts(&b, "{\"apiVersion\":\"autoscaling/v2\",\"kind\":\"HorizontalPodAutoscaler\",\"metadata\":{\"name\":");
    strbuf_json(&b, name);
    strbuf_printf(&b, "},\"spec\":{\"scaleTargetRef\":{\"apiVersion\":\"%s\",\"kind\":\"%s\",\"name\":",
                  target->api_version, target->kind);
    strbuf_json(&b, p->cmd->targets.items[0].name);
    strbuf_printf(&b, "},\"maxReplicas\":%" PRId64, max);
    if (min > 0)
        strbuf_printf(&b, ",\"minReplicas\":%" PRId64, min);
    if (percent > 0 || (n && parser_flag_text(p, FLAG_CPU)[n - 1] == '%'))
        strbuf_printf(&b,
                      ",\"metrics\":[{\"type\":\"Resource\",\"resource\":{\"name\":\"cpu\",\"target\":{\"type\":"
                      "\"Utilization\",\"averageUtilization\":%s}}}]",
                      percent > 0 ? arena_printf(p->arena, "%" PRId64, percent) : cpu);
    else if (n)
        strbuf_printf(&b,
                      ",\"metrics\":[{\"type\":\"Resource\",\"resource\":{\"name\":\"cpu\",\"target\":{\"type\":"
                      "\"AverageValue\",\"averageValue\":\"%s\"}}}]",
                      cpu);
    strbuf_puts(&b, "}}");
    parser_read_made_up(p, &b, p->pos);
    strbuf_fini(&b);
}

/* kubectl pkg/cmd/autoscale/autoscale.go Validate. */
void parser_autoscale(struct parser *p)
{
    int64_t min = parser_flag_integer(p, FLAG_MIN, -1), max = parser_flag_integer(p, FLAG_MAX, -1);
    parser_no_more(p, parser_targets(p, 0, KIND_NONE, true));
    if (!p->given[FLAG_MAX].text)
        MISSING(p, "required flag(s) \"max\" not set");
    else if (max < 1)
        MISTAKE(p, parser_at(p, p->given[FLAG_MAX].word),
                "--max=MAXPODS is required and must be at least 1, max: %" PRId64, max);
    else if (max < min)
        MISTAKE(p, parser_at(p, p->given[FLAG_MAX].word),
                "--max=MAXPODS must be larger or equal to --min=MINPODS, max: %" PRId64 ", min: %" PRId64, max, min);
    if (p->given[FLAG_CPU_PERCENT].text && p->given[FLAG_CPU].text)
        MISTAKE(p, parser_at(p, p->given[FLAG_CPU].word), "--cpu-percent and --cpu are mutually exclusive");
    if (p->cmd->targets.count != 1 || !p->cmd->targets.items[0].name)
        MISSING(p, "want one workload: autoscale deployment NAME --max=5");
    if (p->result == 0)
        make_autoscaler(p, min, max);
}

/* ---- run ---- */

/* kubectl pkg/generate/versioned/run.go BasicPod: label run=NAME, one container of that name. */
static void run_pod(struct parser *p, struct strbuf *b, const char *name)
{
    strbuf_puts(b, "{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"name\":");
    strbuf_json(b, name);
    strbuf_puts(b, ",\"labels\":{");
    if (parser_flag_text(p, FLAG_LABELS)) {
        make_labels(p, b, &p->given[FLAG_LABELS]);
    } else {
        strbuf_puts(b, "\"run\":");
        strbuf_json(b, name);
    }
    strbuf_putc(b, '}');
    if (parser_flag_text(p, FLAG_ANNOTATIONS)) {
        strbuf_puts(b, ",\"annotations\":{");
        make_literals(p, b, FLAG_ANNOTATIONS, false);
        strbuf_putc(b, '}');
    }
    strbuf_puts(b, "},\"spec\":{\"containers\":[{\"name\":");
    strbuf_json(b, name);
    make_string(b, "image", parser_flag_text(p, FLAG_IMAGE));
    make_string(b, "imagePullPolicy", parser_flag_text(p, FLAG_PULL_POLICY));
    if (parser_flag_text(p, FLAG_PORT))
        strbuf_printf(b, ",\"ports\":[{\"containerPort\":%" PRId64 "}]", parser_flag_integer(p, FLAG_PORT, 0));
    if (p->given[FLAG_RUN_ENV].text) {
        strbuf_puts(b, ",\"env\":[");
        make_literals(p, b, FLAG_RUN_ENV, true);
        strbuf_putc(b, ']');
    }
    if (p->operands.count > 1) {
        strbuf_puts(b, parser_flag_on(p, FLAG_COMMAND) ? ",\"command\":[" : ",\"args\":[");
        for (uint32_t i = 1; i < p->operands.count; i++) {
            strbuf_puts(b, i > 1 ? "," : "");
            strbuf_json(b, p->operands.items[i].text);
        }
        strbuf_putc(b, ']');
    }
    strbuf_puts(b, parser_flag_on(p, FLAG_STDIN) ? ",\"stdin\":true,\"stdinOnce\":true" : "");
    strbuf_puts(b, parser_flag_on(p, FLAG_TTY) ? ",\"tty\":true" : "");
    strbuf_puts(b, "}]");
    make_string(b, "restartPolicy", parser_flag_text(p, FLAG_RESTART));
    strbuf_puts(b, "}}");
}

/* kubectl pkg/cmd/run/run.go: -i and -t attach, --attach=false does not. */
static void parse_attach(struct parser *p)
{
    struct kubectl_command *c = p->cmd;
    bool tty = parser_flag_on(p, FLAG_TTY), in = parser_flag_on(p, FLAG_STDIN);
    c->wait = p->given[FLAG_ATTACH].text ? parser_flag_on(p, FLAG_ATTACH) : tty || in;
    c->remove = parser_flag_on(p, FLAG_REMOVE);
    if (tty && !in)
        MISTAKE(p, parser_at(p, p->given[FLAG_TTY].word), "-i/--stdin is required for containers with -t/--tty=true");
    if (c->remove && !c->wait)
        MISTAKE(p, parser_at(p, p->given[FLAG_REMOVE].word), "--rm should only be used for attached containers");
    if (c->wait && c->dry_run)
        MISTAKE(
            p, parser_at(p, p->given[FLAG_DRY_RUN].word),
            "--dry-run=[server|client] can't be used with attached containers options (--attach, --stdin, or --tty)");
}

void parser_run(struct parser *p)
{
    static const char *const policies[] = {"Always", "OnFailure", "Never"};
    static const char *const pulls[] = {"Always", "IfNotPresent", "Never"};
    const char *restart = parser_flag_text(p, FLAG_RESTART), *pull = parser_flag_text(p, FLAG_PULL_POLICY);
    parse_attach(p);
    if (restart && !parser_is_one_of(restart, policies, ARRAY_LEN(policies)))
        MISTAKE_SUGGEST(p, parser_at(p, p->given[FLAG_RESTART].word),
                        parser_suggest(p, restart, policies, ARRAY_LEN(policies)), "invalid restart policy: %s",
                        restart);
    if (pull && !parser_is_one_of(pull, pulls, ARRAY_LEN(pulls)))
        MISTAKE_SUGGEST(p, parser_at(p, p->given[FLAG_PULL_POLICY].word),
                        parser_suggest(p, pull, pulls, ARRAY_LEN(pulls)), "invalid image pull policy: %s", pull);
    if (p->operands.count == 0 || p->dash_dash == 0)
        MISSING(p, "NAME is required for run");
    else if (!parser_flag_text(p, FLAG_IMAGE))
        MISSING(p, "required flag(s) \"image\" not set");
    if (p->result < 0)
        return;
    struct strbuf b = STRBUF_INIT;
    run_pod(p, &b, p->operands.items[0].text);
    if (p->result == 0)
        parser_read_made_up(p, &b, parser_at(p, &p->operands.items[0]));
    strbuf_fini(&b);
}

/* ---- expose ---- */

/* The Service is made when the command runs: its selector is the labels of what it exposes. */
static const char *service_type(struct parser *p)
{
    static const char *const types[] = {"ClusterIP", "ExternalName", "LoadBalancer", "NodePort"};
    const struct flag_value *f = &p->given[FLAG_SERVICE_TYPE];
    if (f->text && !parser_is_one_of(f->text, types, ARRAY_LEN(types)))
        MISTAKE_SUGGEST(
            p, parser_at(p, f->word), parser_suggest(p, f->text, types, ARRAY_LEN(types)),
            "Unsupported value: \"%s\": supported values: \"ClusterIP\", \"ExternalName\", \"LoadBalancer\", "
            "\"NodePort\"",
            f->text);
    return f->text;
}

static void exposed_service(struct parser *p, struct strbuf *b, int64_t port)
{
    const char *target = parser_flag_text(p, FLAG_TARGET_PORT), *name = parser_flag_text(p, FLAG_NAME);
    int64_t number;
    make_head(b, "v1", "Service", name ? name : p->cmd->targets.items[0].name);
    strbuf_puts(b, "},\"spec\":{");
    /* port 1 stands for "the container's own", see kubectl.c execute_expose() */
    strbuf_printf(b, "\"ports\":[{\"port\":%" PRId64, port ? port : 1);
    if (target && parser_integer(target, &number))
        strbuf_printf(b, ",\"targetPort\":%" PRId64, number);
    else
        make_string(b, "targetPort", target);
    make_string(b, "protocol", parser_flag_text(p, FLAG_PROTOCOL));
    strbuf_puts(b, "}],\"selector\":{");
    if (parser_flag_text(p, FLAG_EXPOSE_SELECTOR))
        make_labels(p, b, &p->given[FLAG_EXPOSE_SELECTOR]);
    strbuf_putc(b, '}');
    make_string(b, "type", service_type(p));
    make_string(b, "clusterIP", parser_flag_text(p, FLAG_CLUSTER_IP));
    make_string(b, "sessionAffinity", parser_flag_text(p, FLAG_AFFINITY));
    strbuf_puts(b, "}}");
}

/* What has a selector, or labels to make one of: kubectl pkg/polymorphichelpers/canbeexposed.go. */
static bool can_be_exposed(enum api_kind kind)
{
    return kind == KIND_POD || kind == KIND_SERVICE || type_field(kind_infos[kind].type, "spec.template");
}

void parser_expose(struct parser *p)
{
    struct kubectl_command *c = p->cmd;
    parser_no_more(p, parser_targets(p, 0, KIND_NONE, true));
    int64_t port = parser_flag_integer(p, FLAG_PORT, 0);
    for (uint32_t i = 0; i < c->targets.count; i++) {
        if (can_be_exposed(c->targets.items[i].kind))
            continue;
        MISTAKE(p, parser_at(p, &p->operands.items[0]), "cannot expose a %s",
                kind_infos[c->targets.items[i].kind].kind);
        return;
    }
    if (c->file)
        MISTAKE_SUGGEST(p, parser_at(p, p->given[FLAG_FILENAME].word), "name what is exposed: expose pod NAME",
                        "kubectl expose -f is not modelled");
    if (c->targets.count != 1 || !c->targets.items[0].name)
        MISSING(p, "want one pod, service or workload to expose: expose pod NAME --port=80");
    if (p->result < 0)
        return;
    struct strbuf b = STRBUF_INIT;
    exposed_service(p, &b, port);
    if (p->result == 0)
        parser_read_made_up(p, &b, p->pos);
    strbuf_fini(&b);
    c->tail = port; /* 0 = not given */
}
