/* pod_env.c - a container's variables: its own, from fields, ConfigMaps, Secrets and Services; $(VAR).
 *
 * Mirrors k8s pkg/kubelet/kubelet_pods.go makeEnvironmentVariables, pkg/kubelet/envvars,
 * pkg/kubelet/container/helpers.go, third_party/forked/golang/expansion and pkg/fieldpath. HOSTNAME is the runtime's
 * (cri_start.c): $(HOSTNAME) stays as it is. Left out: fileKeyRef; a second address family.
 */
#include <string.h>

#include "model/pod_config.h"

/* ---- fields of the pod ---- */

/* "metadata.labels['app']" -> "app" when `path` begins with `map`. */
static const char *subscript(struct arena *a, const char *path, const char *map)
{
    size_t n = strlen(map), len = strlen(path);
    if (strncmp(path, map, n) != 0 || len < n + 4 || path[n] != '[' || path[n + 1] != '\'')
        return NULL;
    return arena_strndup(a, path + n + 2, len - n - 4);
}

/* Go's strconv.AppendQuote for text that is UTF-8. */
static void quote(struct strbuf *b, const char *s)
{
    static const char letters[] = "\"\\\n\t\r", names[] = "\"\\ntr";
    strbuf_putc(b, '"');
    for (; *s; s++) {
        const char *at = strchr(letters, *s);
        if (at)
            strbuf_putc(b, '\\');
        strbuf_putc(b, at ? names[at - letters] : *s);
    }
    strbuf_putc(b, '"');
}

/* k8s pkg/fieldpath/fieldpath.go FormatMap: by key, values quoted. */
static const char *all_pairs(struct arena *a, const str_map *m)
{
    struct strbuf b = STRBUF_INIT;
    for (const char *last = NULL;;) {
        const struct str_pair *next = NULL;
        for (uint32_t i = 0; i < m->count; i++) {
            const struct str_pair *p = &m->items[i];
            if ((!last || strcmp(p->key, last) > 0) && (!next || strcmp(p->key, next->key) < 0))
                next = p;
        }
        if (!next)
            break;
        strbuf_printf(&b, "%s%s=", last ? "\n" : "", next->key);
        quote(&b, next->value);
        last = next->key;
    }
    const char *text = arena_strdup(a, strbuf_str(&b));
    strbuf_fini(&b);
    return text;
}

const char *pod_field(struct kpod *kp, const char *path)
{
    struct arena *a = kp->all->arena;
    const struct object_meta *m = &kp->pod->object.meta;
    const struct pod_spec *s = kpod_spec(kp);
    const struct {
        const char *path, *value;
    } fields[] = {
        {"metadata.name", m->name},
        {"metadata.namespace", m->namespace_},
        {"metadata.uid", m->uid},
        {"spec.nodeName", s->node_name},
        {"spec.serviceAccountName", s->service_account_name ? s->service_account_name : "default"},
        {"status.hostIP", kpod_kubelet(kp)->ip},
        {"status.hostIPs", kpod_kubelet(kp)->ip},
        {"status.podIP", kp->ip ? kp->ip : ""},
        {"status.podIPs", kp->ip ? kp->ip : ""},
    };
    for (size_t i = 0; i < ARRAY_LEN(fields); i++) {
        if (strcmp(path, fields[i].path) == 0)
            return fields[i].value;
    }
    const char *key = subscript(a, path, "metadata.labels"), *value = NULL;
    if (key)
        value = str_map_get(&m->labels, key);
    else if ((key = subscript(a, path, "metadata.annotations")))
        value = str_map_get(&m->annotations, key);
    if (key)
        return value ? value : "";
    if (strcmp(path, "metadata.labels") == 0)
        return all_pairs(a, &m->labels);
    if (strcmp(path, "metadata.annotations") == 0)
        return all_pairs(a, &m->annotations);
    return NULL;
}

/* A resource of one container, in units of the divisor, rounded up; a missing limit is the node's. */
const char *pod_resource_field(struct kpod *kp, const struct container *self, const struct resource_field_selector *r)
{
    const struct pod_spec *s = kpod_spec(kp);
    const struct container *c = self;
    for (uint32_t i = 0; r->container_name && i < s->containers.count; i++) {
        if (strcmp(s->containers.items[i].name, r->container_name) == 0)
            c = &s->containers.items[i];
    }
    bool limits = strncmp(r->resource, "limits.", 7) == 0;
    const char *key = strchr(r->resource, '.') ? strchr(r->resource, '.') + 1 : "";
    const quantity_map *m = limits ? &c->resources.limits : &c->resources.requests;
    const struct quantity *q = NULL;
    for (uint32_t i = 0; i < m->count; i++) {
        if (strcmp(m->items[i].key, key) == 0)
            q = &m->items[i].value;
    }
    const quantity_map *node = &kpod_kubelet(kp)->node->status.allocatable;
    for (uint32_t i = 0; limits && !q && i < node->count; i++) {
        if (strcmp(node->items[i].key, key) == 0)
            q = &node->items[i].value;
    }
    if (!q)
        return "0";
    int64_t divisor = r->divisor.set && quantity_milli(&r->divisor) > 0 ? quantity_milli(&r->divisor) : 1000;
    int64_t milli = quantity_milli(q);
    if (milli == INT64_MAX) /* too large for thousandths: bytes of a big machine */
        return arena_printf(kp->all->arena, "%" PRId64, quantity_value(q) / (divisor / 1000 ? divisor / 1000 : 1));
    return arena_printf(kp->all->arena, "%" PRId64, milli / divisor + (milli % divisor != 0));
}

/* ---- $(VAR) ---- */

static const char *lookup(const env_list *env, const char *name, size_t n)
{
    for (uint32_t i = env->count; i-- > 0;) {
        if (strncmp(env->items[i].key, name, n) == 0 && env->items[i].key[n] == '\0')
            return env->items[i].value;
    }
    return NULL;
}

/* k8s third_party/forked/golang/expansion: $(X) if known, $$ is $, everything else stays. */
static const char *expand_with(struct arena *a, const char *s, const env_list *env, const env_list *more)
{
    if (!strchr(s, '$'))
        return s;
    struct strbuf b = STRBUF_INIT;
    while (*s) {
        const char *close = s[0] == '$' && s[1] == '(' ? strchr(s, ')') : NULL;
        const char *value = close ? lookup(env, s + 2, (size_t)(close - s - 2)) : NULL;
        if (close && !value && more)
            value = lookup(more, s + 2, (size_t)(close - s - 2));
        if (s[0] == '$' && s[1] == '$') {
            strbuf_putc(&b, '$');
            s += 2;
        } else if (close) { /* unknown: as it stands */
            if (value)
                strbuf_puts(&b, value);
            for (; !value && s <= close; s++)
                strbuf_putc(&b, *s);
            s = close + 1;
        } else {
            strbuf_putc(&b, *s++);
        }
    }
    const char *text = arena_strdup(a, strbuf_str(&b));
    strbuf_fini(&b);
    return text;
}

static const char *expand(struct arena *a, const char *s, const env_list *env) { return expand_with(a, s, env, NULL); }

static const char *in_list(struct arena *a, const char *list, const char *name, size_t n)
{
    return arena_printf(a, "%s%s%.*s", list, *list ? ", " : "", (int)n, name);
}

/* k8s pkg/kubelet/container/helpers.go ExpandContainerVolumeMounts: every $(VAR) must have a value. */
const char *expand_sub_path(struct arena *a, const char *s, const env_list *env, const char **ret_error)
{
    struct str_pair *missing = arena_array(a, struct str_pair, strlen(s) / 3 + 1);
    uint32_t count = 0;
    for (const char *at = s; (at = strchr(at, '$')); at += at[1] == '$' ? 2 : 1) {
        const char *close = at[1] == '(' ? strchr(at, ')') : NULL, *value;
        if (!close)
            continue;
        value = lookup(env, at + 2, (size_t)(close - at - 2));
        if (value && *value)
            continue;
        const char *name = arena_strndup(a, at + 2, (size_t)(close - at - 2));
        uint32_t i = 0;
        while (i < count && strcmp(missing[i].key, name) < 0)
            i++;
        if (i < count && strcmp(missing[i].key, name) == 0)
            continue;
        memmove(&missing[i + 1], &missing[i], (count++ - i) * sizeof *missing);
        missing[i].key = name;
    }
    const char *list = "";
    for (uint32_t i = 0; i < count; i++)
        list = in_list(a, list, missing[i].key, strlen(missing[i].key));
    if (count)
        *ret_error = arena_printf(a, "missing value for %s", list);
    return count ? NULL : expand(a, s, env);
}

str_list expand_list(struct arena *a, const str_list *list, const env_list *env)
{
    str_list out = {list->count ? arena_array(a, const char *, list->count) : NULL, list->count};
    for (uint32_t i = 0; i < list->count; i++)
        out.items[i] = expand(a, list->items[i], env);
    return out;
}

str_list expand_command(struct kpod *kp, const struct kcontainer *c, const str_list *command)
{
    struct arena *a = kp->all->arena;
    env_list env = {arena_array(a, struct str_pair, c->spec->env.count + 1), 0};
    for (uint32_t i = 0; i < c->spec->env.count; i++) {
        const struct env_var *v = &c->spec->env.items[i];
        if (!v->value_from)
            env.items[env.count++] = (struct str_pair){v->name, v->value ? v->value : ""};
    }
    return expand_list(a, command, &env);
}

/* ---- environment ---- */

struct env_growing {
    env_list list;
    uint32_t capacity;
};

struct env_builder {
    struct kpod *kp;
    const struct container *spec;
    struct arena *a;
    struct env_growing own, services; /* what the manifest says; what Services say */
    const char *error;
};

static void env_add(struct env_builder *b, struct env_growing *list, const char *key, const char *value)
{
    for (uint32_t i = 0; i < list->list.count; i++) {
        if (strcmp(list->list.items[i].key, key) == 0) {
            list->list.items[i].value = value;
            return;
        }
    }
    if (list->list.count == list->capacity) {
        list->capacity = list->capacity ? 2 * list->capacity : 8;
        struct str_pair *items = arena_array(b->a, struct str_pair, list->capacity);
        if (list->list.count)
            memcpy(items, list->list.items, list->list.count * sizeof(*items));
        list->list.items = items;
    }
    list->list.items[list->list.count++] = (struct str_pair){key, value};
}

/* A copy of its own, with room for so many more. */
static void env_unshare(struct env_builder *b, uint32_t more)
{
    struct env_growing *e = &b->services;
    const struct str_pair *shared = e->list.items;
    e->capacity = e->list.count + more;
    e->list.items = arena_array(b->a, struct str_pair, e->capacity);
    if (e->list.count)
        memcpy(e->list.items, shared, e->list.count * sizeof *shared);
}

/* ---- Services: k8s pkg/kubelet/envvars/envvars.go ---- */

static const char *variable_name(struct arena *a, const char *name)
{
    char *text = arena_strdup(a, name);
    for (char *p = text; *p; p++)
        *p = (char)(*p == '-' ? '_' : *p >= 'a' && *p <= 'z' ? *p - 'a' + 'A' : *p);
    return text;
}

static void service_add(struct service_env *v, const char *key, const char *value)
{
    v->items[v->count++] = (struct str_pair){key, value};
}

/* What Docker's links would have set. */
static void port_variables(struct arena *a, struct service_env *v, const char *prefix, const char *ip,
                           const struct service_port *port, bool first)
{
    const char *protocol = port->protocol ? port->protocol : "TCP";
    char *lower = arena_strdup(a, protocol);
    for (char *p = lower; *p; p++)
        *p = (char)(*p >= 'A' && *p <= 'Z' ? *p - 'A' + 'a' : *p);
    const char *number = arena_printf(a, "%" PRId64, port->port);
    const char *url = arena_printf(a, strchr(ip, ':') ? "%s://[%s]:%s" : "%s://%s:%s", lower, ip, number);
    const char *start = arena_printf(a, "%s_PORT_%s_%s", prefix, number, protocol);
    if (first)
        service_add(v, arena_printf(a, "%s_PORT", prefix), url);
    service_add(v, start, url);
    service_add(v, arena_printf(a, "%s_PROTO", start), lower);
    service_add(v, arena_printf(a, "%s_PORT", start), number);
    service_add(v, arena_printf(a, "%s_ADDR", start), ip);
}

static void make_service_env(struct arena *a, const struct service *s, struct service_env *v)
{
    enum { COMMON = 3, PER_PORT = 5 };
    const char *prefix = variable_name(a, s->object.meta.name), *ip = s->spec.cluster_ip;
    *v = (struct service_env){.of = &s->object};
    if (!ip || !*ip || strcmp(ip, "None") == 0 || s->spec.ports.count == 0)
        return;
    v->items = arena_array(a, struct str_pair, COMMON + PER_PORT * s->spec.ports.count);
    service_add(v, arena_printf(a, "%s_SERVICE_HOST", prefix), ip);
    service_add(v, arena_printf(a, "%s_SERVICE_PORT", prefix),
                arena_printf(a, "%" PRId64, s->spec.ports.items[0].port));
    for (uint32_t i = 0; i < s->spec.ports.count; i++) {
        const struct service_port *port = &s->spec.ports.items[i];
        if (port->name && *port->name)
            service_add(v, arena_printf(a, "%s_SERVICE_PORT_%s", prefix, variable_name(a, port->name)),
                        arena_printf(a, "%" PRId64, port->port));
    }
    for (uint32_t i = 0; i < s->spec.ports.count; i++)
        port_variables(a, v, prefix, ip, &s->spec.ports.items[i], i == 0);
}

/* Made once for each version of a Service: every container of its namespace gets the same. */
static const struct service_env *service_env_of(struct kubelets *ks, const struct service *s)
{
    struct service_env *v = NULL;
    for (uint32_t i = 0; i < ks->service_envs.count && !v; i++) {
        struct service_env *known = pool_at(&ks->service_envs, i);
        if (known->of == &s->object)
            return known;
        if (known->of->ordinal == s->object.ordinal)
            v = known;
    }
    if (!v)
        v = pool_at(&ks->service_envs, pool_add(&ks->service_envs));
    make_service_env(ks->arena, s, v);
    return v;
}

/* k8s kubelet_pods.go getServiceEnvVarMap: Services of the namespace, and the API server's own. */
static void env_services(struct env_builder *b, const struct namespace_env *of)
{
    uint32_t cursor = 0;
    const struct api_object *o;
    while ((o = store_next(b->kp->all->store, KIND_SERVICE, &cursor))) {
        bool api = strcmp(o->meta.name, "kubernetes") == 0 && strcmp(o->meta.namespace_, "default") == 0;
        bool mine = of->links && strcmp(o->meta.namespace_, of->namespace_) == 0;
        if (!api && !mine)
            continue;
        const struct service_env *v = service_env_of(b->kp->all, (const struct service *)o);
        for (uint32_t i = 0; i < v->count; i++)
            env_add(b, &b->services, v->items[i].key, v->items[i].value);
    }
}

/* All containers of a namespace share them, until some Service is written. */
static void share_services(struct env_builder *b)
{
    struct kubelets *ks = b->kp->all;
    const struct pod_spec *spec = kpod_spec(b->kp);
    const char *namespace_ = b->kp->pod->object.meta.namespace_;
    bool links = !spec->enable_service_links.set || spec->enable_service_links.value;
    uint64_t latest = store_latest_of(ks->store, KIND_SERVICE);
    struct namespace_env **first = &ks->namespace_envs[text_hash(TEXT_HASH, namespace_) % NAMESPACE_BUCKETS];
    struct namespace_env *of = *first;
    while (of && (of->links != links || strcmp(of->namespace_, namespace_) != 0))
        of = of->next;
    if (!of) {
        of = arena_new(ks->arena, struct namespace_env);
        *of = (struct namespace_env){.namespace_ = namespace_, .links = links, .next = *first};
        *first = of;
    }
    if (of->revision != latest) {
        env_services(b, of);
        of->items = b->services.list.items;
        of->count = b->services.list.count;
        of->revision = latest;
    }
    b->services = (struct env_growing){.list = {of->items, of->count}}; /* without room: to be copied before it grows */
}

/* ---- ConfigMaps, Secrets, fields ---- */

const str_map *pod_data_of(struct kpod *kp, enum api_kind kind, const char *name)
{
    const struct api_object *o = store_get(kp->all->store, kind, kp->pod->object.meta.namespace_, name);
    if (!o)
        return NULL;
    return kind == KIND_CONFIGMAP ? &((const struct config_map *)o)->data : &((const struct secret *)o)->data;
}

const char *pod_data_missing(struct arena *a, enum api_kind kind, const char *name)
{
    return arena_printf(a, "%s \"%s\" not found", kind == KIND_CONFIGMAP ? "configmap" : "secret", name);
}

static void env_from(struct env_builder *b, const struct env_from_source *f)
{
    enum api_kind kind = f->config_map_ref ? KIND_CONFIGMAP : KIND_SECRET;
    const struct env_source *ref = f->config_map_ref ? f->config_map_ref : f->secret_ref;
    if (!ref)
        return;
    const str_map *m = pod_data_of(b->kp, kind, ref->name);
    if (!m && !ref->optional.value && !b->error)
        b->error = pod_data_missing(b->a, kind, ref->name);
    for (uint32_t i = 0; m && i < m->count; i++)
        env_add(b, &b->own, arena_printf(b->a, "%s%s", f->prefix ? f->prefix : "", m->items[i].key), m->items[i].value);
}

static void env_key(struct env_builder *b, const struct env_var *v, enum api_kind kind, const struct key_selector *ref)
{
    const str_map *m = pod_data_of(b->kp, kind, ref->name);
    const char *value = m ? str_map_get(m, ref->key) : NULL;
    if (value) {
        env_add(b, &b->own, v->name, value);
        return;
    }
    if (ref->optional.value || b->error)
        return;
    b->error = !m ? pod_data_missing(b->a, kind, ref->name)
                  : arena_printf(b->a, "couldn't find key %s in %s %s/%s", ref->key,
                                 kind == KIND_CONFIGMAP ? "ConfigMap" : "Secret", b->kp->pod->object.meta.namespace_,
                                 ref->name);
}

static void env_one(struct env_builder *b, const struct env_var *v)
{
    const struct env_var_source *from = v->value_from;
    if (!from) {
        env_add(b, &b->own, v->name, expand_with(b->a, v->value ? v->value : "", &b->own.list, &b->services.list));
    } else if (from->field_ref) {
        const char *value = pod_field(b->kp, from->field_ref->field_path);
        env_add(b, &b->own, v->name, value ? value : "");
    } else if (from->resource_field_ref) {
        env_add(b, &b->own, v->name, pod_resource_field(b->kp, b->spec, from->resource_field_ref));
    } else if (from->config_map_key_ref) {
        env_key(b, v, KIND_CONFIGMAP, from->config_map_key_ref);
    } else if (from->secret_key_ref) {
        env_key(b, v, KIND_SECRET, from->secret_key_ref);
    }
}

/* k8s kubelet_pods.go makeEnvironmentVariables. k8s-order: Go's maps have none; here Services come first. */
const char *make_environment(struct kpod *kp, const struct container *spec, env_list *ret)
{
    struct env_builder b = {.kp = kp, .spec = spec, .a = kp->all->arena};
    share_services(&b);
    for (uint32_t i = 0; i < spec->env_from.count; i++)
        env_from(&b, &spec->env_from.items[i]);
    for (uint32_t i = 0; i < spec->env.count; i++)
        env_one(&b, &spec->env.items[i]);
    if (b.error)
        return b.error;
    if (b.own.list.count)
        env_unshare(&b, b.own.list.count);
    for (uint32_t i = 0; i < b.own.list.count; i++)
        env_add(&b, &b.services, b.own.list.items[i].key, b.own.list.items[i].value);
    *ret = b.services.list;
    return NULL;
}
