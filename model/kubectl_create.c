/* kubectl_create.c - create KIND NAME: the object that each of them makes up. kubectl pkg/cmd/create/create_*.go
 * (v1.34).
 *
 * The object is written as a document and read as one that a user wrote: a kind that is not modelled yet says so there,
 * once the command line itself is right. Left out on purpose: create secret docker-registry and tls. create job --from is
 * carried out in kubectl.c: what it copies is known when it runs.
 */
#include <string.h>

#include "model/kubectl_parse.h"

/* ---- pieces ---- */

static void wants(struct parser *p, enum flag_id f)
{
    if (!p->given[f].text)
        MISSING(p, "required flag(s) \"%s\" not set", kubectl_flags[f].name);
}

/* Words after `--`, as a list of strings. */
static void put_command(struct parser *p, struct strbuf *b)
{
    for (uint32_t i = p->dash_dash; i < p->operands.count; i++) {
        strbuf_puts(b, i == p->dash_dash ? ",\"command\":[" : ",");
        strbuf_json(b, p->operands.items[i].text);
    }
    strbuf_puts(b, p->dash_dash < p->operands.count ? "]" : "");
}

/* --from-file=[KEY=]PATH, each time. */
static void put_files(struct parser *p, struct strbuf *b, bool first)
{
    for (uint32_t i = 0; i < p->repeated.count; i++) {
        const struct flag_value *f = pool_at(&p->repeated, i);
        if (f->flag != FLAG_FROM_FILE)
            continue;
        const char *equals = strchr(f->text, '='), *path = equals ? equals + 1 : f->text, *slash = strrchr(path, '/');
        const char *key = equals  ? arena_strndup(p->arena, f->text, (size_t)(equals - f->text))
                          : slash ? slash + 1
                                  : path;
        const char *text = NULL, *error = "no files can be read here";
        size_t len = 0;
        if (!p->read_file || p->read_file(p->ctx, p->arena, path, &text, &len, &error) < 0) {
            MISTAKE(p, parser_at(p, f->word), "error reading %s: %s", path, error);
            continue;
        }
        strbuf_puts(b, first ? "" : ",");
        strbuf_json(b, key);
        strbuf_putc(b, ':');
        strbuf_json(b, arena_strndup(p->arena, text, len));
        first = false;
    }
}

static void put_data(struct parser *p, struct strbuf *b, const char *member)
{
    if (!p->given[FLAG_LITERAL].text && !p->given[FLAG_FROM_FILE].text)
        return;
    strbuf_printf(b, ",\"%s\":{", member);
    make_literals(p, b, FLAG_LITERAL, false);
    put_files(p, b, !p->given[FLAG_LITERAL].text);
    strbuf_putc(b, '}');
}

/* "cpu=1,pods=4" as members. */
static void put_hard(struct parser *p, struct strbuf *b)
{
    strbuf_puts(b, "},\"spec\":{\"hard\":{");
    if (p->given[FLAG_HARD].text)
        make_labels(p, b, &p->given[FLAG_HARD]);
    strbuf_puts(b, "}}");
}

/* The last part of an image's name, without its tag: what kubectl calls the container. */
static const char *container_name(struct arena *a, const char *image)
{
    const char *slash = strrchr(image, '/');
    char *name = arena_strdup(a, slash ? slash + 1 : image);
    name[strcspn(name, ":@")] = '\0';
    for (char *c = name; *c; c++)
        if (*c == '_' || *c == '.')
            *c = '-'; /* kubectl adds five random characters then */
    return name;
}

static void put_containers(struct parser *p, struct strbuf *b)
{
    uint32_t n = 0;
    strbuf_puts(b, "\"containers\":[");
    for (uint32_t i = 0; i < p->repeated.count; i++) {
        const struct flag_value *f = pool_at(&p->repeated, i);
        if (f->flag != FLAG_IMAGE)
            continue;
        strbuf_puts(b, n++ ? ",{\"name\":" : "{\"name\":");
        strbuf_json(b, container_name(p->arena, f->text));
        make_string(b, "image", f->text);
        put_command(p, b);
        if (n == 1 && p->given[FLAG_PORT].text)
            strbuf_printf(b, ",\"ports\":[{\"containerPort\":%" PRId64 "}]", parser_flag_integer(p, FLAG_PORT, 0));
        strbuf_putc(b, '}');
    }
    if (n > 1 && p->dash_dash < p->operands.count)
        MISTAKE(p, parser_at(p, &p->operands.items[p->dash_dash]),
                "cannot specify multiple --image options and command");
    strbuf_putc(b, ']');
}

/* ---- one function per kind: what follows the name, from within metadata ---- */

static void put_configmap(struct parser *p, struct strbuf *b, const char *name)
{
    (void)name;
    strbuf_putc(b, '}');
    put_data(p, b, "data");
}

static void put_secret(struct parser *p, struct strbuf *b, const char *name)
{
    (void)name;
    strbuf_putc(b, '}');
    make_string(b, "type", parser_flag_text(p, FLAG_SERVICE_TYPE));
    put_data(p, b, "stringData");
}

static void put_nothing(struct parser *p, struct strbuf *b, const char *name)
{
    (void)p, (void)name;
    strbuf_putc(b, '}');
}

static void put_app_labels(struct strbuf *b, const char *name)
{
    strbuf_puts(b, ",\"labels\":{\"app\":");
    strbuf_json(b, name);
    strbuf_putc(b, '}');
}

static void put_deployment(struct parser *p, struct strbuf *b, const char *name)
{
    wants(p, FLAG_IMAGE);
    put_app_labels(b, name);
    strbuf_printf(b, "},\"spec\":{\"replicas\":%" PRId64 ",\"selector\":{\"matchLabels\":{\"app\":",
                  parser_flag_integer(p, FLAG_REPLICAS, 1));
    strbuf_json(b, name);
    strbuf_puts(b, "}},\"template\":{\"metadata\":{\"labels\":{\"app\":");
    strbuf_json(b, name);
    strbuf_puts(b, "}},\"spec\":{");
    put_containers(p, b);
    strbuf_puts(b, "}}}");
}

static void put_job(struct parser *p, struct strbuf *b, const char *name)
{
    if (!p->given[FLAG_IMAGE].text && !p->given[FLAG_JOB_FROM].text)
        MISSING(p, "either --image or --from must be specified");
    strbuf_puts(b, "},\"spec\":{\"template\":{\"spec\":{\"restartPolicy\":\"Never\",\"containers\":[{\"name\":");
    strbuf_json(b, name);
    make_string(b, "image", parser_flag_text(p, FLAG_IMAGE));
    put_command(p, b);
    strbuf_puts(b, "}]}}}");
}

/* --from=cronjob/NAME: the Job is made when the command runs, of the CronJob that there is then. True: it is given. */
static bool job_from(struct parser *p, const char *name)
{
    const struct flag_value *f = &p->given[FLAG_JOB_FROM];
    if (p->cmd->verb != VERB_CREATE_JOB || !f->text)
        return false;
    const char *slash = strchr(f->text, '/');
    if (p->given[FLAG_IMAGE].text)
        MISTAKE(p, parser_at(p, f->word), "either --image or --from must be specified");
    else if (p->dash_dash < p->operands.count)
        MISTAKE(p, parser_at(p, &p->operands.items[p->dash_dash]), "cannot specify --from and command");
    if (!slash || !slash[1]) {
        MISTAKE_SUGGEST(p, parser_at(p, f->word), "want --from=cronjob/NAME",
                        "resource(s) were provided, but no name was specified");
        return true;
    }
    enum api_kind kind = parser_kind(p, f->word, arena_strndup(p->arena, f->text, (size_t)(slash - f->text)));
    if (kind != KIND_NONE && kind != KIND_CRONJOB) {
        const char *version = strrchr(kind_infos[kind].api_version, '/');
        MISTAKE_SUGGEST(p, parser_at(p, f->word), "want --from=cronjob/NAME", "unknown object type *%s.%s",
                        version ? version + 1 : kind_infos[kind].api_version, kind_infos[kind].kind);
    }
    p->cmd->targets.items = arena_array(p->arena, struct target, 1);
    parser_add_target(p, kind, slash + 1);
    p->cmd->made_name = name;
    return true;
}

static void put_cronjob(struct parser *p, struct strbuf *b, const char *name)
{
    const char *restart = parser_flag_text(p, FLAG_RESTART);
    wants(p, FLAG_IMAGE);
    wants(p, FLAG_SCHEDULE);
    strbuf_puts(b, "},\"spec\":{\"schedule\":");
    strbuf_json(b, parser_flag_text(p, FLAG_SCHEDULE) ? parser_flag_text(p, FLAG_SCHEDULE) : "");
    strbuf_puts(b, ",\"jobTemplate\":{\"spec\":{\"template\":{\"spec\":{\"restartPolicy\":");
    strbuf_json(b, restart ? restart : "OnFailure");
    strbuf_puts(b, ",\"containers\":[{\"name\":");
    strbuf_json(b, name);
    make_string(b, "image", parser_flag_text(p, FLAG_IMAGE));
    put_command(p, b);
    strbuf_puts(b, "}]}}}}}");
}

/* A number, or "50%". */
static void put_count(struct strbuf *b, const char *member, const char *text)
{
    int64_t n;
    if (parser_integer(text, &n))
        strbuf_printf(b, ",\"%s\":%" PRId64, member, n);
    else
        make_string(b, member, text);
}

static void put_pdb(struct parser *p, struct strbuf *b, const char *name)
{
    (void)name;
    const char *min = parser_flag_text(p, FLAG_MIN_AVAILABLE), *max = parser_flag_text(p, FLAG_MAX_UNAVAILABLE);
    if (!p->given[FLAG_PDB_SELECTOR].text)
        MISSING(p, "a selector must be specified");
    if (!min && !max)
        MISSING(p, "one of min-available or max-unavailable must be specified");
    if (min && max)
        MISTAKE(p, parser_at(p, p->given[FLAG_MAX_UNAVAILABLE].word),
                "min-available and max-unavailable cannot be both specified");
    strbuf_puts(b, "},\"spec\":{\"selector\":{\"matchLabels\":{");
    if (p->given[FLAG_PDB_SELECTOR].text)
        make_labels(p, b, &p->given[FLAG_PDB_SELECTOR]);
    strbuf_puts(b, "}}");
    if (min)
        put_count(b, "minAvailable", min);
    if (max)
        put_count(b, "maxUnavailable", max);
    strbuf_putc(b, '}');
}

static void put_priorityclass(struct parser *p, struct strbuf *b, const char *name)
{
    (void)name;
    strbuf_printf(b, "},\"value\":%" PRId64, parser_flag_integer(p, FLAG_PRIORITY, 0));
    if (parser_flag_on(p, FLAG_GLOBAL_DEFAULT))
        strbuf_puts(b, ",\"globalDefault\":true");
    make_string(b, "description", parser_flag_text(p, FLAG_DESCRIPTION));
    make_string(b, "preemptionPolicy", parser_flag_text(p, FLAG_PREEMPTION));
}

static void put_quota(struct parser *p, struct strbuf *b, const char *name)
{
    (void)name;
    put_hard(p, b);
}

/* ---- services: the type is a word before the name ---- */

static const struct {
    const char *word, *type;
} service_types[] = {
    {"clusterip", "ClusterIP"},
    {"externalname", "ExternalName"},
    {"loadbalancer", "LoadBalancer"},
    {"nodeport", "NodePort"},
};

/* "80" or "8080:80", and "8080:http". */
static void put_tcp(struct parser *p, struct strbuf *b, const struct flag_value *f)
{
    size_t n = strcspn(f->text, ":");
    int64_t port, target;
    const char *to = f->text[n] ? f->text + n + 1 : f->text;
    if (!parser_integer(arena_strndup(p->arena, f->text, n), &port) || port < 1 || port > 65535) {
        MISTAKE(p, parser_at(p, f->word), "invalid port \"%s\": must be between 1 and 65535, inclusive", f->text);
        return;
    }
    char *name = arena_strdup(p->arena, f->text);
    if (name[n])
        name[n] = '-';
    strbuf_puts(b, "{\"name\":");
    strbuf_json(b, name);
    strbuf_printf(b, ",\"protocol\":\"TCP\",\"port\":%" PRId64, port);
    if (parser_integer(to, &target))
        strbuf_printf(b, ",\"targetPort\":%" PRId64, target);
    else
        make_string(b, "targetPort", to);
    if (p->given[FLAG_NODE_PORT].text)
        strbuf_printf(b, ",\"nodePort\":%" PRId64, parser_flag_integer(p, FLAG_NODE_PORT, 0));
    strbuf_putc(b, '}');
}

static void check_service(struct parser *p, const char *type)
{
    const char *ip = parser_flag_text(p, FLAG_CLUSTERIP);
    bool none = ip && strcmp(ip, "None") == 0;
    if (none && strcmp(type, "ClusterIP") != 0)
        MISTAKE(p, parser_at(p, p->given[FLAG_CLUSTERIP].word),
                "ClusterIP=None can only be used with ClusterIP service type");
    if (strcmp(type, "ExternalName") == 0)
        wants(p, FLAG_EXTERNAL_NAME);
    else if (!none && !p->given[FLAG_TCP].text)
        MISSING(p, "at least one tcp port specifier must be provided");
}

static void put_service(struct parser *p, struct strbuf *b, const char *name)
{
    const char *word = p->operands.items[0].text, *type = "ClusterIP";
    for (size_t i = 0; i < ARRAY_LEN(service_types); i++)
        if (strcmp(word, service_types[i].word) == 0)
            type = service_types[i].type;
    check_service(p, type);
    put_app_labels(b, name);
    strbuf_printf(b, "},\"spec\":{\"type\":\"%s\",\"selector\":{\"app\":", type);
    strbuf_json(b, name);
    strbuf_puts(b, "},\"ports\":[");
    uint32_t n = 0;
    for (uint32_t i = 0; i < p->repeated.count; i++) {
        const struct flag_value *f = pool_at(&p->repeated, i);
        if (f->flag != FLAG_TCP)
            continue;
        strbuf_puts(b, n++ ? "," : "");
        put_tcp(p, b, f);
    }
    strbuf_putc(b, ']');
    make_string(b, "clusterIP", parser_flag_text(p, FLAG_CLUSTERIP));
    make_string(b, "externalName", parser_flag_text(p, FLAG_EXTERNAL_NAME));
    strbuf_putc(b, '}');
}

/* ---- all of them ---- */

static const struct {
    enum kubectl_verb verb;
    const char *api_version, *kind;
    void (*put)(struct parser *p, struct strbuf *b, const char *name);
    const char *words; /* wanted before the name: "generic" */
} made[] = {
    {VERB_CREATE_CONFIGMAP, "v1", "ConfigMap", put_configmap, NULL},
    {VERB_CREATE_CRONJOB, "batch/v1", "CronJob", put_cronjob, NULL},
    {VERB_CREATE_DEPLOYMENT, "apps/v1", "Deployment", put_deployment, NULL},
    {VERB_CREATE_JOB, "batch/v1", "Job", put_job, NULL},
    {VERB_CREATE_NAMESPACE, "v1", "Namespace", put_nothing, NULL},
    {VERB_CREATE_PDB, "policy/v1", "PodDisruptionBudget", put_pdb, NULL},
    {VERB_CREATE_PRIORITYCLASS, "scheduling.k8s.io/v1", "PriorityClass", put_priorityclass, NULL},
    {VERB_CREATE_QUOTA, "v1", "ResourceQuota", put_quota, NULL},
    {VERB_CREATE_SECRET, "v1", "Secret", put_secret, "docker-registry, generic or tls"},
    {VERB_CREATE_SERVICE, "v1", "Service", put_service, "clusterip, externalname, loadbalancer or nodeport"},
    {VERB_CREATE_SERVICEACCOUNT, "v1", "ServiceAccount", put_nothing, NULL},
};

/* False: it has said so. */
static bool subtype_fits(struct parser *p, const char *wanted)
{
    static const char *const words[] = {"clusterip", "externalname", "loadbalancer", "nodeport"};
    if (p->operands.count == 0) {
        MISSING(p, "want one of %s, and a name", wanted);
        return false;
    }
    const struct word *w = &p->operands.items[0];
    bool secret = p->cmd->verb == VERB_CREATE_SECRET;
    if (secret && (strcmp(w->text, "tls") == 0 || strcmp(w->text, "docker-registry") == 0)) {
        MISTAKE(p, parser_at(p, w), "kubectl create secret %s is not modelled: want generic", w->text);
        return false;
    }
    if (secret ? strcmp(w->text, "generic") == 0 : parser_is_one_of(w->text, words, ARRAY_LEN(words)))
        return true;
    MISTAKE_SUGGEST(p, parser_at(p, w),
                    secret ? parser_suggest(p, w->text, (const char *[]){"generic"}, 1)
                           : parser_suggest(p, w->text, words, ARRAY_LEN(words)),
                    "unknown command \"%s\" for \"kubectl %s\": want one of %s", w->text,
                    kubectl_verbs[p->cmd->verb].name, wanted);
    return false;
}

void parser_create_kind(struct parser *p)
{
    size_t k = 0;
    while (made[k].verb != p->cmd->verb)
        k++;
    if (made[k].words && !subtype_fits(p, made[k].words))
        return;
    uint32_t at = made[k].words ? 1 : 0;
    if (p->dash_dash <= at) {
        MISSING(p, "exactly one NAME is required, got 0");
        return;
    }
    if (p->dash_dash > at + 1)
        MISTAKE(p, parser_at(p, &p->operands.items[at + 1]), "exactly one NAME is required, got %" PRIu32,
                p->dash_dash - at);
    const char *name = p->operands.items[at].text;
    if (job_from(p, name))
        return;
    struct strbuf b = STRBUF_INIT;
    make_head(&b, made[k].api_version, made[k].kind, name);
    made[k].put(p, &b, name);
    strbuf_putc(&b, '}');
    if (p->result == 0 && kind_of(made[k].api_version, made[k].kind) == KIND_NONE)
        MISTAKE(p, parser_at(p, &p->words.items[p->verb_at + 1]),
                "kubectl %s is not modelled yet: podsim has no %s (%s)", kubectl_verbs[p->cmd->verb].name, made[k].kind,
                made[k].api_version);
    else if (p->result == 0)
        parser_read_made_up(p, &b, parser_at(p, &p->words.items[p->verb_at]));
    strbuf_fini(&b);
}
