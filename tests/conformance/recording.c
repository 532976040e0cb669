/* recording.c - reads a recorded run. */
#include "tests/conformance/recording.h"

#include <stdio.h>
#include <string.h>

#include "model/value.h"

char *read_text(struct arena *a, const char *path, size_t *ret_len)
{
    FILE *f = fopen(path, "rb");
    if (!f)
        return NULL;
    fseek(f, 0, SEEK_END);
    long size = ftell(f);
    rewind(f);
    char *text = arena_alloc(a, (size_t)size + 1);
    *ret_len = fread(text, 1, (size_t)size, f);
    fclose(f);
    return text;
}

static const struct value *parse(struct arena *a, struct diag_set *d, const char *name, const char *text, size_t len)
{
    struct document_list docs;
    if (value_parse(a, d, name, text, len, &docs) != 0 || docs.count != 1)
        return NULL;
    return docs.items[0].root;
}

/* "12.345" is a number of seconds. */
static sim_time seconds(const struct value *v)
{
    sim_time t = 0;
    if (v && v->text && sim_parse_duration(v->text, &t) != 0)
        printf("# %s is not a time\n", v->text);
    return t;
}

static const char *text_of(const struct value *v) { return v && v->type != VALUE_NULL ? v->text : NULL; }

/* ---- timeline.jsonl ---- */

static bool starts_with(const char *s, const char *head) { return strncmp(s, head, strlen(head)) == 0; }

static void add_event(struct arena *a, struct recording *r, sim_time t, const struct value *e)
{
    const char *object = text_of(value_get(e, "object")), *field = text_of(value_get(e, "fieldPath"));
    if (!object || !lines_has_kind(object))
        return;
    struct line *line = lines_add(a, &r->lines);
    line->t = t;
    line->object = object;
    line->what = arena_printf(a, "%s %s (%s%s%s) %s", text_of(value_get(e, "type")), text_of(value_get(e, "reason")),
                              text_of(value_get(e, "source")), field ? " " : "", field ? field : "",
                              lines_normalize(a, text_of(value_get(e, "message"))));
    const char *count = text_of(value_get(e, "count"));
    line->to = count ? count : "1";
    line->event = true;
    if (strstr(line->what, "Successfully pulled")) /* counted apart when they took different times */
        line->to = "any";
}

static void add_change(struct arena *a, struct recording *r, sim_time t, const struct value *v)
{
    const char *object = text_of(value_get(v, "object")), *path = text_of(value_get(v, "path"));
    if (!lines_has_kind(object) || (path && strcmp(path, "spec.images") == 0))
        return;
    struct line *line = lines_add(a, &r->lines);
    line->t = t;
    line->object = object;
    if (starts_with(object, "endpointslice/"))
        line->object = arena_strndup(a, object, strlen(object) - 6);
    line->what = path ? path : "";
    line->to = lines_flat(a, value_get(v, "to"));
    if (line->to && lines_is_stamp(line->what)) {
        line->stamp = seconds(value_get(v, "to"));
        r->fraction = (SIM_SECOND - (line->stamp - sim_time_floor(line->stamp, SIM_SECOND))) % SIM_SECOND;
    }
}

/* The latest date at `path` of this object, as of line `at` and what was seen with it. */
static sim_time date_of(const struct recording *r, uint32_t at, const char *path)
{
    const struct line *of = &r->lines.items[at];
    uint32_t last = at;
    while (last + 1 < r->lines.count && r->lines.items[last + 1].t == of->t)
        last++;
    for (uint32_t i = last + 1; i-- > 0;) {
        const struct line *l = &r->lines.items[i];
        if (strcmp(l->object, of->object) == 0 && strcmp(l->what, path) == 0)
            return l->stamp;
    }
    return SIM_NEVER;
}

/* Dates stay with the change that they date and are no lines of their own: two changes within a second of
 * the clock show one date or two, depending on where the second ends. */
static void date_changes(struct arena *a, struct recording *r)
{
    for (uint32_t i = 0; i < r->lines.count; i++) {
        struct line *l = &r->lines.items[i];
        const char *path = l->event || !l->to ? NULL : lines_stamp_path(a, l->what, l->to);
        if (path)
            l->stamp = date_of(r, i, path);
    }
    uint32_t n = 0;
    for (uint32_t i = 0; i < r->lines.count; i++)
        if (r->lines.items[i].event || !lines_is_stamp(r->lines.items[i].what))
            r->lines.items[n++] = r->lines.items[i];
    r->lines.count = n;
}

static int each_line(struct arena *a, const char *path,
                     void (*take)(struct arena *a, struct recording *r, const struct value *v), struct recording *r)
{
    size_t len;
    char *text = read_text(a, path, &len);
    if (!text)
        return -1;
    struct diag_set d;
    diag_init(&d);
    int result = 0;
    for (char *s = text, *end; s < text + len && result == 0; s = end + 1) {
        end = strchr(s, '\n') ? strchr(s, '\n') : text + len;
        const struct value *v = parse(a, &d, path, s, (size_t)(end - s));
        if (v)
            take(a, r, v);
        result = v ? 0 : -1;
    }
    diag_fini(&d);
    return result;
}

static void take_timeline(struct arena *a, struct recording *r, const struct value *v)
{
    sim_time t = seconds(value_get(v, "t"));
    r->end = t > r->end ? t : r->end;
    const struct value *e = value_get(v, "event");
    if (e)
        add_event(a, r, t, e);
    else
        add_change(a, r, t, v);
}

/* ---- runtime.jsonl, actions.json ---- */

static void take_call(struct arena *a, struct recording *r, const struct value *v)
{
    if ((r->calls.count & (r->calls.count - 1)) == 0) {
        struct recorded_call *items = arena_array(a, struct recorded_call, 2 * r->calls.count + 1);
        if (r->calls.count)
            memcpy(items, r->calls.items, r->calls.count * sizeof *items);
        r->calls.items = items;
    }
    const struct value *attempt = value_get(v, "attempt"), *ms = value_get(v, "ms");
    struct recorded_call *c = &((struct recorded_call *)r->calls.items)[r->calls.count++];
    *c = (struct recorded_call){
        .t = seconds(value_get(v, "t")),
        .took = ms ? seconds(ms) / 1000 : 0,
        .call = text_of(value_get(v, "call")),
        .pod = text_of(value_get(v, "pod")),
        .container = text_of(value_get(v, "container")),
        .detail = text_of(value_get(v, value_get(v, "line") ? "line" : "detail")),
        .error = text_of(value_get(v, "error")),
        .attempt = attempt ? (uint32_t)attempt->integer : 0,
    };
    r->end = c->t > r->end ? c->t : r->end;
}

static int read_actions(struct arena *a, const char *path, struct recording *r)
{
    size_t len;
    char *text = read_text(a, path, &len);
    if (!text)
        return 0;
    struct diag_set d;
    diag_init(&d);
    const struct value *v = parse(a, &d, path, text, len);
    diag_fini(&d);
    if (!v)
        return -1;
    struct recorded_action *items = arena_array(a, struct recorded_action, v->count);
    for (uint32_t i = 0; i < v->count; i++)
        items[i] = (struct recorded_action){
            seconds(value_get(v->items[i], "at_s")), seconds(value_get(v->items[i], "done_s")),
            text_of(value_get(v->items[i], "kubectl")), text_of(value_get(v->items[i], "host"))};
    r->actions.items = items;
    r->actions.count = v->count;
    return 0;
}

/* ---- readiness probes of manifest.yaml ---- */

/* `["cat" "/tmp/ready"]` for exec, ` GET /path` for HTTP; NULL for what leaves no trace. */
static const char *shown_as(struct arena *a, const struct value *probe)
{
    const struct value *command = value_get(value_get(probe, "exec"), "command");
    const struct value *path = value_get(value_get(probe, "httpGet"), "path");
    if (path)
        return arena_printf(a, " GET %s", path->text);
    const char *text = "[";
    for (uint32_t i = 0; command && i < command->count; i++)
        text = arena_printf(a, "%s%s\"%s\"", text, i ? " " : "", command->items[i]->text);
    return command ? arena_printf(a, "%s]", text) : NULL;
}

static void add_probe(struct arena *a, struct recording *r, const char *pod, const struct value *container)
{
    static const char *const others[] = {"livenessProbe", "startupProbe"};
    const struct value *probe = value_get(container, "readinessProbe");
    const char *run = probe ? shown_as(a, probe) : NULL;
    for (size_t i = 0; run && i < ARRAY_LEN(others); i++) {
        const struct value *other = value_get(container, others[i]);
        const char *shown = other ? shown_as(a, other) : NULL;
        if (shown && strcmp(shown, run) == 0)
            return;
    }
    if (!run)
        return;
    struct recorded_probe *items = arena_array(a, struct recorded_probe, r->readiness.count + 1);
    if (r->readiness.count)
        memcpy(items, r->readiness.items, r->readiness.count * sizeof *items);
    const struct value *period = value_get(probe, "periodSeconds");
    bool delayed = value_get(probe, "initialDelaySeconds") || value_get(container, "startupProbe");
    items[r->readiness.count++] = (struct recorded_probe){pod, text_of(value_get(container, "name")), run,
                                                          (period ? period->integer : 10) * SIM_SECOND, delayed};
    r->readiness.items = items;
}

/* ---- polling shells of manifest.yaml ---- */

/* The sum of the `sleep N` in text[0, end). */
static sim_time slept(const char *text, const char *end)
{
    static const char word[] = "sleep ";
    sim_time sum = 0, t;
    for (const char *s = text; (s = strstr(s, word)) != NULL && s < end;) {
        char number[16] = {0};
        s += strlen(word);
        size_t n = strspn(s, "0123456789.");
        if (n + 2 > sizeof number)
            continue;
        memcpy(number, s, n);
        number[n] = 's';
        if (sim_parse_duration(number, &t) == 0)
            sum += t;
    }
    return sum;
}

/* Commands that are no builtins. */
static uint32_t programs_in(const char *text, const char *end)
{
    static const char *const names[] = {"sleep ", "touch ", "rm "};
    uint32_t n = 0;
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        for (const char *s = text; (s = strstr(s, names[i])) != NULL && s < end; s++)
            n++;
    return n;
}

static void add_loop(struct arena *a, struct recording *r, const char *pod, const struct value *container)
{
    const struct value *command = value_get(container, "command");
    const char *text = command && command->count == 3 ? text_of(command->items[2]) : NULL;
    const char *loop = text ? strstr(text, "while :; do sleep 0.") : NULL;
    if (!loop)
        return;
    const char *trap = strstr(text, "trap '"), *quote = trap ? strchr(trap + 6, '\'') : NULL;
    sim_time end = trap && quote && quote < loop ? slept(trap, quote) : 0;
    struct recorded_loop *items = arena_array(a, struct recorded_loop, r->loops.count + 1);
    if (r->loops.count)
        memcpy(items, r->loops.items, r->loops.count * sizeof *items);
    items[r->loops.count++] = (struct recorded_loop){pod,
                                                     text_of(value_get(container, "name")),
                                                     slept(loop, loop + strlen(loop)),
                                                     slept(text, loop) - end,
                                                     end,
                                                     programs_in(text, loop)};
    r->loops.items = items;
}

static void read_containers(struct arena *a, struct recording *r, const char *name, const struct value *spec)
{
    static const char *const lists[] = {"containers", "initContainers"};
    for (size_t i = 0; i < ARRAY_LEN(lists); i++) {
        const struct value *containers = value_get(spec, lists[i]);
        for (uint32_t k = 0; containers && k < containers->count; k++) {
            if (i == 0)
                add_probe(a, r, name, containers->items[k]);
            add_loop(a, r, name, containers->items[k]);
        }
    }
}

/* A Pod, or a workload and the pods that were made from its template: they begin with its name. */
static void read_pods(struct arena *a, struct recording *r, const struct value *object)
{
    const char *name = text_of(value_get(value_get(object, "metadata"), "name"));
    const struct value *spec = value_get(object, "spec"), *template_ = value_get(spec, "template");
    const char *head = arena_printf(a, "pod/%s-", name);
    if (!template_)
        read_containers(a, r, name, spec);
    for (uint32_t i = 0; template_ && i < r->lines.count; i++) {
        const struct line *l = &r->lines.items[i];
        if (!l->event && !*l->what && l->to && strcmp(l->to, "present") == 0 && starts_with(l->object, head))
            read_containers(a, r, l->object + strlen("pod/"), value_get(template_, "spec"));
    }
}

static int read_manifest(struct arena *a, struct recording *r)
{
    struct diag_set d;
    struct document_list docs;
    diag_init(&d);
    int result = value_parse(a, &d, "manifest.yaml", r->manifest, strlen(r->manifest), &docs);
    diag_fini(&d);
    for (uint32_t i = 0; result == 0 && i < docs.count; i++)
        read_pods(a, r, docs.items[i].root);
    return result;
}

/* A folder named ...-kubelet-134 was recorded with a kubelet 1.34, all others with 1.36. */
static int minor_of(const char *name)
{
    const char *suffix = strstr(name, "-kubelet-1");
    return suffix ? (suffix[10] - '0') * 10 + (suffix[11] - '0') : 36;
}

int recording_read(struct arena *a, const char *directory, const char *name, struct recording *r)
{
    const char *base = arena_printf(a, "%s/%s", directory, name);
    size_t len;
    *r = (struct recording){.name = name, .minor = minor_of(name)};
    r->manifest = read_text(a, arena_printf(a, "%s/manifest.yaml", base), &len);
    if (!r->manifest || each_line(a, arena_printf(a, "%s/timeline.jsonl", base), take_timeline, r) != 0 ||
        each_line(a, arena_printf(a, "%s/runtime.jsonl", base), take_call, r) != 0 ||
        read_actions(a, arena_printf(a, "%s/actions.json", base), r) != 0 || read_manifest(a, r) != 0) {
        printf("# %s: cannot be read\n", base);
        return -1;
    }
    date_changes(a, r);
    lines_drop_repeated_attempts(&r->lines);
    return 0;
}

bool created_then(const struct recording *r, const struct line *l)
{
    for (uint32_t i = 0; i < r->lines.count && r->lines.items[i].t <= l->t; i++)
        if (!*r->lines.items[i].what && r->lines.items[i].t == l->t && strcmp(r->lines.items[i].object, l->object) == 0)
            return true;
    return false;
}
