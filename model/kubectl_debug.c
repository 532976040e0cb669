/* kubectl_debug.c - kubectl debug POD: an ephemeral container joins a running pod.
 *
 * kubectl pkg/cmd/debug/debug.go: the pod is patched through its subresource ephemeralcontainers. Left out on
 * purpose: copies of pods (--copy-to), debugging nodes, profiles (they set security contexts).
 */
#include <string.h>

#include "model/kubectl_parse.h"
#include "sim/rng.h"

/* "debugger-8xzrl": apimachinery util/rand; ours follows from the line, so that it is stable. */
static const char *default_name(struct parser *p, const char *pod)
{
    static const char symbols[] = "bcdfghjklmnpqrstvwxz2456789";
    char suffix[6] = {0};
    uint64_t h = p->pos.line;
    for (; *pod; pod++)
        h = (h ^ (unsigned char)*pod) * UINT64_C(0x100000001b3);
    h = rng_mix(h);
    for (int i = 0; i < 5; i++, h /= 27)
        suffix[i] = symbols[h % 27];
    return arena_printf(p->arena, "debugger-%s", suffix);
}

static void member(struct strbuf *b, const char *key, const char *value)
{
    strbuf_printf(b, ",\"%s\":", key);
    strbuf_json(b, value);
}

static void put_patch(struct parser *p, struct strbuf *b, const char *name)
{
    strbuf_puts(b, "{\"spec\":{\"ephemeralContainers\":[{\"name\":");
    strbuf_json(b, name);
    member(b, "image", parser_flag_text(p, FLAG_IMAGE));
    if (parser_flag_text(p, FLAG_TARGET))
        member(b, "targetContainerName", parser_flag_text(p, FLAG_TARGET));
    if (parser_flag_text(p, FLAG_PULL_POLICY))
        member(b, "imagePullPolicy", parser_flag_text(p, FLAG_PULL_POLICY));
    strbuf_puts(b, parser_flag_on(p, FLAG_STDIN) ? ",\"stdin\":true" : "");
    strbuf_puts(b, parser_flag_on(p, FLAG_TTY) ? ",\"tty\":true" : "");
    for (uint32_t i = p->dash_dash; i < p->operands.count; i++) {
        strbuf_puts(b, i == p->dash_dash ? ",\"command\":[" : ",");
        strbuf_json(b, p->operands.items[i].text);
    }
    strbuf_puts(b, p->dash_dash < p->operands.count ? "]}]}}" : "}]}}");
}

static const char *notes(struct parser *p, const char *name)
{
    const char *target = parser_flag_text(p, FLAG_TARGET), *text = "";
    if (target)
        text = arena_printf(p->arena,
                            "Targeting container \"%s\". If you don't see processes from this container it may be "
                            "because the container runtime doesn't support this feature.\n",
                            target);
    if (!parser_flag_text(p, FLAG_CONTAINER))
        text = arena_printf(p->arena, "%sDefaulting debug container name to %s.\n", text, name);
    return text;
}

void parser_debug(struct parser *p)
{
    struct kubectl_command *c = p->cmd;
    if (parser_targets(p, 0, KIND_POD, false) == 0 || c->targets.count != 1) {
        MISSING(p, "NAME or pod/NAME is required for debug");
        return;
    }
    if (!parser_flag_text(p, FLAG_IMAGE)) {
        MISSING(p, "you must specify --image when not using --copy-to");
        return;
    }
    const char *given = parser_flag_text(p, FLAG_CONTAINER), *pod = c->targets.items[0].name;
    const char *name = given ? given : default_name(p, pod);
    struct strbuf b = STRBUF_INIT;
    struct document_list docs = {0};
    put_patch(p, &b, name);
    const char *text = arena_strdup(p->arena, strbuf_str(&b));
    strbuf_fini(&b);
    if (value_parse(p->arena, p->diags, "patch", text, strlen(text), &docs) == 0 && docs.count == 1)
        c->patch = docs.items[0].root;
    c->patch_type = PATCH_STRATEGIC;
    c->subresource = SUB_EPHEMERAL;
    c->said = notes(p, name);
}
