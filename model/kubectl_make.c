/* kubectl_make.c - verbs that make up objects: create configmap, secret and namespace, run, expose. */
#include "model/kubectl_parse.h"

#include <string.h>

/* "a=b" -> JSON member; values of several --from-literal or --env. */
static void literal_members(struct parser *p, struct strbuf *b, enum flag_id f, bool as_list)
{
    for (uint32_t i = 0; i < p->literals.count; i++) {
        const struct flag_value *v = pool_at(&p->literals, i);
        const char *equals = strchr(v->text, '=');
        if (!equals || equals == v->text) {
            MISTAKE(p, parser_at(p, v->word), "invalid --%s %s, expected key=value", kubectl_flags[f].name, v->text);
            continue;
        }
        strbuf_puts(b, i ? "," : "");
        strbuf_puts(b, as_list ? "{\"name\":" : "");
        strbuf_json(b, arena_strndup(p->arena, v->text, (size_t)(equals - v->text)));
        strbuf_puts(b, as_list ? ",\"value\":" : ":");
        strbuf_json(b, equals + 1);
        strbuf_puts(b, as_list ? "}" : "");
    }
}

static void create_kind(struct parser *p)
{
    const struct word *w = &p->operands.items[0];
    enum api_kind kind = parser_kind(p, w, w->text);
    uint32_t at = 1;
    if (kind == KIND_NONE)
        return;
    if (kind == KIND_SECRET && p->operands.count > 1 && strcmp(p->operands.items[1].text, "generic") == 0)
        at = 2;
    if (kind != KIND_CONFIGMAP && kind != KIND_NAMESPACE && !(kind == KIND_SECRET && at == 2)) {
        MISTAKE(p, parser_at(p, w), "kubectl create %s is not modelled yet; use create -f", w->text);
        return;
    }
    if (at >= p->operands.count) {
        MISTAKE(p, p->pos, "exactly one NAME is required, got 0");
        return;
    }
    struct strbuf b = STRBUF_INIT;
    strbuf_printf(&b, "{\"apiVersion\":\"v1\",\"kind\":\"%s\",\"metadata\":{\"name\":", kind_infos[kind].kind);
    strbuf_json(&b, p->operands.items[at].text);
    strbuf_putc(&b, '}');
    if (kind != KIND_NAMESPACE && p->literals.count) {
        strbuf_printf(&b, ",\"%s\":{", kind == KIND_SECRET ? "stringData" : "data");
        literal_members(p, &b, FLAG_LITERAL, false);
        strbuf_putc(&b, '}');
    }
    strbuf_putc(&b, '}');
    if (p->result == 0)
        parser_read_made_up(p, &b, parser_at(p, w));
    strbuf_fini(&b);
    parser_no_more(p, at + 1);
}

void parser_create(struct parser *p)
{
    if (p->operands.count)
        create_kind(p);
    else if (!parser_flag_text(p, FLAG_FILENAME))
        MISTAKE(p, p->pos, "must specify one of -f and -k");
}


/* A label map from "a=b,c=d" as JSON members. */
static void label_members(struct parser *p, struct strbuf *b, const struct flag_value *given)
{
    uint32_t n = 0;
    for (const char *t = given->text; *t; n++) {
        size_t len = strcspn(t, ","), key = strcspn(t, "=");
        if (key >= len)
            MISTAKE(p, parser_at(p, given->word), "invalid label spec: %s", given->text);
        strbuf_puts(b, n ? "," : "");
        strbuf_json(b, arena_strndup(p->arena, t, key < len ? key : len));
        strbuf_putc(b, ':');
        strbuf_json(b, key < len ? arena_strndup(p->arena, t + key + 1, len - key - 1) : "");
        t += len + (t[len] == ',');
    }
}

static void string_member(struct strbuf *b, const char *name, const char *text)
{
    if (!text)
        return;
    strbuf_printf(b, ",\"%s\":", name);
    strbuf_json(b, text);
}

/* kubectl pkg/generate/versioned/run.go BasicPod: label run=NAME, one container of that name. */
static void run_pod(struct parser *p, struct strbuf *b, const char *name)
{
    strbuf_puts(b, "{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"name\":");
    strbuf_json(b, name);
    strbuf_puts(b, ",\"labels\":{");
    if (parser_flag_text(p, FLAG_LABELS)) {
        label_members(p, b, &p->given[FLAG_LABELS]);
    } else {
        strbuf_puts(b, "\"run\":");
        strbuf_json(b, name);
    }
    strbuf_puts(b, "}},\"spec\":{\"containers\":[{\"name\":");
    strbuf_json(b, name);
    string_member(b, "image", parser_flag_text(p, FLAG_IMAGE));
    string_member(b, "imagePullPolicy", parser_flag_text(p, FLAG_PULL_POLICY));
    if (parser_flag_text(p, FLAG_PORT))
        strbuf_printf(b, ",\"ports\":[{\"containerPort\":%" PRId64 "}]", parser_flag_integer(p, FLAG_PORT, 0));
    if (p->literals.count) {
        strbuf_puts(b, ",\"env\":[");
        literal_members(p, b, FLAG_ENV, true);
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
    strbuf_puts(b, "}]");
    string_member(b, "restartPolicy", parser_flag_text(p, FLAG_RESTART));
    strbuf_puts(b, "}}");
}

void parser_run(struct parser *p)
{
    static const char *const policies[] = {"Always", "OnFailure", "Never"};
    const char *restart = parser_flag_text(p, FLAG_RESTART);
    if (p->operands.count == 0 || p->dash_dash == 0) {
        MISTAKE(p, p->pos, "NAME is required for run");
        return;
    }
    if (!parser_flag_text(p, FLAG_IMAGE)) {
        MISTAKE(p, p->pos, "required flag(s) \"image\" not set");
        return;
    }
    if (restart && !parser_is_one_of(restart, policies, ARRAY_LEN(policies)))
        MISTAKE_SUGGEST(p, parser_at(p, p->given[FLAG_RESTART].word),
                        parser_suggest(p, restart, policies, ARRAY_LEN(policies)), "invalid restart policy: %s", restart);
    struct strbuf b = STRBUF_INIT;
    run_pod(p, &b, p->operands.items[0].text);
    if (p->result == 0)
        parser_read_made_up(p, &b, parser_at(p, &p->operands.items[0]));
    strbuf_fini(&b);
}

/* The Service is made when the command runs: its selector is the labels of what it exposes. */
void parser_expose(struct parser *p)
{
    parser_no_more(p, parser_targets(p, 0, KIND_NONE, true));
    struct kubectl_command *c = p->cmd;
    if (p->result < 0)
        return;
    if (c->targets.count != 1 || (c->targets.items[0].kind != KIND_POD && c->targets.items[0].kind != KIND_SERVICE)) {
        MISTAKE(p, p->pos, "want one pod or service to expose: expose pod NAME --port=80");
        return;
    }
    int64_t port = parser_flag_integer(p, FLAG_PORT, 0);
    const char *target = parser_flag_text(p, FLAG_TARGET_PORT), *name = parser_flag_text(p, FLAG_NAME);
    struct strbuf b = STRBUF_INIT;
    strbuf_puts(&b, "{\"apiVersion\":\"v1\",\"kind\":\"Service\",\"metadata\":{\"name\":");
    strbuf_json(&b, name ? name : c->targets.items[0].name);
    strbuf_puts(&b, "},\"spec\":{");
    /* port 1 stands for "the container's own", see kubectl.c expose_port() */
    strbuf_printf(&b, "\"ports\":[{\"port\":%" PRId64, port ? port : 1);
    int64_t number;
    if (target && parser_integer(target, &number))
        strbuf_printf(&b, ",\"targetPort\":%" PRId64, number);
    else
        string_member(&b, "targetPort", target);
    strbuf_puts(&b, "}],\"selector\":{");
    if (parser_flag_text(p, FLAG_EXPOSE_SELECTOR))
        label_members(p, &b, &p->given[FLAG_EXPOSE_SELECTOR]);
    strbuf_putc(&b, '}');
    string_member(&b, "type", parser_flag_text(p, FLAG_PATCH_TYPE));
    strbuf_puts(&b, "}}");
    if (p->result == 0)
        parser_read_made_up(p, &b, p->pos);
    strbuf_fini(&b);
    c->tail = port; /* 0 = not given */
}

