/* kubectl lines: what is understood, what is refused in which words and where the caret stands; then a
 * small cluster that they are carried out against. */
#include "model/cluster.h"
#include "tests/unit/tap.h"

#include <stdlib.h>

#include "model/kubectl_private.h"

static struct arena arena;
static struct diag_set diags;

static int no_file(void *ctx, struct arena *a, const char *path, const char **ret_text, size_t *ret_len,
                   const char **ret_error)
{
    (void)ctx, (void)a, (void)path, (void)ret_text, (void)ret_len;
    *ret_error = "No such file or directory";
    return -1;
}

/* Parses `line` as the value of a document; diagnostics are in `diags`. NULL when it is refused. */
static const struct kubectl_command *parse(const char *line)
{
    struct document_list docs = {0};
    const struct kubectl_command *command = NULL;
    struct strbuf text = STRBUF_INIT;
    diag_fini(&diags);
    diag_init(&diags);
    strbuf_printf(&text, "kubectl: >-\n  %s\n", line);
    if (value_parse(&arena, &diags, "s.yaml", strbuf_str(&text), text.len, &docs) == 0 &&
        kubectl_parse_value(&arena, &diags, value_get(docs.items[0].root, "kubectl"), no_file, NULL, &command) < 0)
        command = NULL;
    strbuf_fini(&text);
    return command;
}

static const char *messages(void)
{
    static struct strbuf b;
    strbuf_reset(&b);
    diag_print(&diags, &b, 0);
    return strbuf_str(&b);
}

static void words_are_split_as_a_shell_does(void)
{
    static const struct {
        const char *line, *want; /* words in brackets, or the error */
    } rows[] = {
        {"a b  c", "[a][b][c]"},
        {"  exec web -- sh -c 'echo hi'  ", "[exec][web][--][sh][-c][echo hi]"},
        {"a\"b c\"d 'e'\"f\"", "[ab cd][ef]"},
        {"\"q\\\"q\" \"\\n\" 'a\\b'", "[q\"q][\\n][a\\b]"},
        {"a\\ b \\'", "[a b][']"},
        {"''", "[]"},
        {"", ""},
        {"say $HOME", "[say][$HOME]"},
        {"it's", "2: this quote is not closed"},
        {"a | b", "2: this needs a shell; an action is one kubectl command"},
        {"a 'b | c'", "[a][b | c]"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct strbuf b = STRBUF_INIT;
        word_list words;
        const char *error;
        size_t offset;
        tap_row("%s", rows[i].line);
        if (kubectl_split(&arena, rows[i].line, &words, &error, &offset) < 0)
            strbuf_printf(&b, "%zu: %s", offset, error);
        else
            for (uint32_t k = 0; k < words.count; k++)
                strbuf_printf(&b, "[%s]", words.items[k].text);
        CHECK_STR(strbuf_str(&b), rows[i].want);
        strbuf_fini(&b);
    }
}

static void good_lines_are_understood(void)
{
    static const char *const lines[] = {
        "kubectl delete pod web",
        "delete pod web --grace-period=5 --wait=false",
        "delete pod/web svc/web --now",
        "delete pods,svc -l app=web",
        "delete pods --all -n other",
        "delete po web --force --grace-period 0",
        "get pods -A -o wide",
        "get po,svc -l 'app in (a, b),!x' --field-selector=status.phase=Running",
        "get all",
        "get ev --sort-by=.lastTimestamp",
        "exec -it web -c app -- sh -c 'echo hi'",
        "exec pod/web -- date",
        "logs web -c app --tail=5 -p",
        "logs -l app=web",
        "label pods web a=b c-",
        "label pod --all a=b --overwrite",
        "annotate pod/web note='two words'",
        "taint nodes node1 a=b:NoExecute c:NoSchedule-",
        "taint node/node1 a-",
        "cordon node1",
        "patch pod web -p '{\"metadata\":{\"finalizers\":null}}' --type=merge",
        "patch pod web --type json -p '[{\"op\":\"remove\",\"path\":\"/spec/schedulingGates/0\"}]'",
        "run x --image=busybox --restart=Never --env=A=b -- sleep 5",
        "expose pod web --port=80 --target-port=http --name=web",
        "set image pod/web app=nginx:2",
        "debug web -it --image=busybox --target=app -c look -- sh -c ps",
        "patch pod web --subresource resize -p '{}'",
        "create configmap cm --from-literal=a=b --from-literal=c=d",
        "create secret generic s --from-literal=a=b",
        "create ns other",
        "describe pod web",
        "-n other get pods",
        "kubectl --context=x -nother get pods",
        "wait --for=condition=Ready=false pod/web --timeout=60s",
        "wait --for=delete pod -l app=web --timeout -1s",
        "wait pod/web --for=jsonpath='{.status.phase}'=Running",
        "wait pods --all --for=create",
        "drain node1 --ignore-daemonsets --delete-emptydir-data --force --grace-period=5 --timeout=5m",
        "rollout restart deployment/web",
        "rollout status deploy web --timeout=60s",
        "rollout undo deploy/web --to-revision=2",
        "scale deploy/web rs/x --replicas=3 --current-replicas=2",
        "set env deploy/web A=b C- -e D=e",
        "set resources deploy web -c=app --limits=cpu=200m,memory=512Mi",
        "set selector svc web app=v2",
        "set serviceaccount deploy web sa",
        "create deployment web --image=nginx:1.27 --replicas=3 --port=80",
        "create service nodeport web --tcp=80:8080",
        "create svc clusterip web --clusterip=None",
        "create ns x --dry-run=client -o yaml",
        "edit pod/web -p '{\"metadata\":{\"labels\":{\"a\":\"b\"}}}'",
        "events --for pod/web --types=Warning",
        "get pods --sort-by=.metadata.name -L app --show-labels",
        "get pods -o custom-columns=NAME:.metadata.name,IP:{.status.podIP}",
        "top pods",
        "run -it x --image=busybox --rm --restart=Never -- sh",
    };
    for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
        tap_row("%s", lines[i]);
        if (!CHECK(parse(lines[i]) != NULL))
            printf("# %s\n", messages());
    }
}

static void mistakes_are_named_and_placed(void)
{
    static const struct {
        const char *line, *at, *message;
    } rows[] = {
        {"delet pod web", "2:3", "unknown command \"delet\" for \"kubectl\""},
        {"delet pod web", "delet", "did you mean \"delete\"?"},
        {"rollout restrt deploy/web", "2:11", "unknown command \"restrt\" for \"kubectl rollout\""},
        {"rollout restrt deploy/web", "", "did you mean \"restart\"?"},
        {"rollout restart pod/web", "2:19", "pods \"web\" restarting is not supported"},
        {"rollout status pod/web", "2:18", "no status viewer has been implemented for Pod"},
        {"rollout", "2:3", "want a command after \"rollout\""},
        {"port-forward pod/web 80", "2:3", "kubectl port-forward is not modelled"},
        {"create role r", "2:10", "kubectl create role is not modelled"},
        {"create deploymnt d", "", "did you mean \"deployment\"?"},
        {"kubectl get pods --selecter=a=b", "2:20", "unknown flag: --selecter"},
        {"get pods --selecter=a=b", "", "did you mean \"--selector\"?"},
        {"get pods -Q", "2:12", "unknown shorthand flag: 'Q' in -Q"},
        {"get pods -n", "2:12", "flag needs an argument: --namespace"},
        {"get poods", "2:7", "the server doesn't have a resource type \"poods\""},
        {"get poods", "", "did you mean \"pods\"?"},
        {"get ingresses", "2:7", "ingresses is not modelled yet"},
        {"delete pod", "2:10", "resource(s) were provided, but no name was specified"},
        {"delete pod web --grace-period=soon", "", "invalid argument \"soon\" for \"--grace-period\" flag"},
        {"delete pod web --now --grace-period=3", "", "--now and --grace-period cannot be specified together"},
        {"delete pod web --force --grace-period=3", "", "--force and --grace-period greater than 0"},
        {"get pods -o jsn", "", "did you mean \"json\"?"},
        {"exec web", "2:3", "you must specify at least one command for the container"},
        {"exec web sh", "2:12", "exec [POD] [COMMAND] is not supported anymore"},
        {"label pod web", "2:3", "at least one label update is required"},
        {"get pods -l 'a b'", "", "unable to parse the label selector \"a b\""},
        {"taint nodes n a=b:NoExecut", "", "did you mean \"NoExecute\"?"},
        {"taint pods p a=b:NoExecute", "", "only taints of nodes can be changed"},
        {"debug web", "2:3", "you must specify --image when not using --copy-to"},
        {"debug", "2:3", "NAME or pod/NAME is required for debug"},
        {"patch pod web -p '{}' --subresource=resise", "", "did you mean \"resize\"?"},
        {"run x", "2:3", "required flag(s) \"image\" not set"},
        {"run x --image=y --restart=Nevr", "", "invalid restart policy: Nevr"},
        {"patch pod web", "2:3", "must specify --patch"},
        {"patch pod web -p '[]'", "", "a strategic patch is a map"},
        {"apply -f nothing.yaml", "2:12", "cannot read \"nothing.yaml\": No such file or directory"},
        {"apply", "2:3", "must specify one of -f and -k"},
        {"get pods | grep web", "2:12", "this needs a shell"},
        {"delete pod 'web", "2:14", "this quote is not closed"},
        {"set env pod/web", "2:3", "at least one environment variable must be provided"},
        {"set imge pod/web a=b", "2:7", "unknown command \"imge\" for \"kubectl set\""},
        {"wait pod/web", "2:3", "want --for"},
        {"wait pod/web --for=conditon=Ready", "2:16", "unrecognized condition"},
        {"wait pod/web --for=condition=Ready --timeout=soon", "", "invalid argument \"soon\" for \"--timeout\" flag"},
        {"drain", "2:3", "USAGE: drain NODE [flags]"},
        {"get pods -o jsonpath='{.a'", "", "error parsing jsonpath {.a, unclosed action"},
        {"get pods -o custom-columns=NAME", "", "unexpected custom-columns spec: NAME"},
        {"get pods,services --watch", "2:21", "you may only specify a single resource type"},
        {"get pods a b -w", "2:16", "you may only watch a single resource or type of resource at a time"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        tap_row("%s", rows[i].line);
        CHECK(parse(rows[i].line) == NULL);
        CHECK_CONTAINS(messages(), rows[i].at);
        CHECK_CONTAINS(messages(), rows[i].message);
    }
}

static void grace_follows_kubectls_rules(void)
{
    static const struct {
        const char *flags;
        int64_t grace;
        bool force;
    } rows[] = {
        {"", -1, false},
        {"--grace-period=5", 5, false},
        {"--grace-period=0", 1, false}, /* "prevent accidental data loss" */
        {"--now", 1, false},
        {"--force", 0, true},
        {"--force --grace-period=0", 0, true},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const struct kubectl_command *c = parse(arena_printf(&arena, "delete pod web %s", rows[i].flags));
        tap_row("%s", rows[i].flags);
        if (!CHECK(c != NULL))
            continue;
        CHECK_INT(c->grace, rows[i].grace);
        CHECK_INT(c->force, rows[i].force);
    }
}

static void selectors_match_labels(void)
{
    static const struct {
        const char *selector;
        bool want;
    } rows[] = {
        {"app=web", true},        {"app==web", true},       {"app=db", false},      {"app!=db", true},
        {"app!=web", false},      {"none!=x", true},        {"app", true},          {"!app", false},
        {"none", false},          {"!none", true},          {"app in (web,db)", true}, {"app in (db)", false},
        {"app notin (db)", true}, {"none notin (x)", true}, {"app=web,tier=front", true},
        {"app=web,tier=back", false}, {"app in (a, web),tier", true},
        {"rank>9", true},         {"rank>10", false},       {"rank<11,rank > 9", true}, {"rank<10", false},
        {"app>1", false},         {"none<1", false},        {"empty=", true},       {"app=", false},
        {"empty in (,x)", true},  {"app notin ()", true},   {"", true},
    };
    struct str_pair pairs[] = {{"app", "web"}, {"empty", ""}, {"rank", "10"}, {"tier", "front"}};
    str_map labels = {pairs, 4};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const struct kubectl_command *c = parse(arena_printf(&arena, "get pods -l '%s'", rows[i].selector));
        tap_row("%s", rows[i].selector);
        if (CHECK(c != NULL))
            CHECK_INT(selector_matches(&c->select, &labels), rows[i].want);
    }
}

/* ---- against a cluster ---- */

static const char cluster_head[] = "apiVersion: podsim.dev/v1\n"
                                   "kind: Scenario\n"
                                   "spec:\n"
                                   "  timing: {profile: instant}\n"
                                   "  duration: 60s\n"
                                   "  manifests:\n"
                                   "    svc.yaml: |\n"
                                   "      {apiVersion: v1, kind: Service, metadata: {name: s}, spec: {selector: {app: web}, ports: [{port: 80}]}}\n"
                                   "    image.yaml: |\n"
                                   "      {apiVersion: v1, kind: Pod, metadata: {name: web, labels: {app: web}}, spec: {containers: [{name: app, image: 'nginx:2'}]}}\n"
                                   "    command.yaml: |\n"
                                   "      {apiVersion: v1, kind: Pod, metadata: {name: web, labels: {app: web}}, spec: {containers: [{name: app, image: nginx, command: [sleep]}]}}\n"
                                   "  actions:\n"
                                   "  - at: 10s\n"
                                   "    kubectl:\n";
static const char cluster_tail[] = "---\n"
                                   "apiVersion: v1\n"
                                   "kind: Pod\n"
                                   "metadata: {name: web, labels: {app: web}, finalizers: [x.io/keep]}\n"
                                   "spec:\n"
                                   "  containers: [{name: app, image: nginx}]\n";

/* What the lines print, one after the other, at 10 s. */
static const char *output_of(const char *const *lines)
{
    static struct strbuf out;
    struct strbuf text = STRBUF_INIT;
    struct scenario s;
    strbuf_reset(&out);
    strbuf_puts(&text, cluster_head);
    for (; *lines; lines++) {
        strbuf_puts(&text, "    - ");
        strbuf_json(&text, *lines);
        strbuf_putc(&text, '\n');
    }
    strbuf_puts(&text, cluster_tail);
    struct scenario_input in = {"s.yaml", strbuf_str(&text), text.len};
    diag_fini(&diags);
    diag_init(&diags);
    if (scenario_load(&arena, &diags, &in, 1, no_file, NULL, &s) < 0) {
        strbuf_puts(&out, messages());
    } else {
        struct cluster *c = cluster_new(&s, &(struct cluster_options){.diags = &diags});
        cluster_run(c);
        const struct trace *t = sim_trace(cluster_sim(c));
        for (uint32_t i = 1; i < trace_count(t); i++)
            if (trace_at(t, i)->kind == TRACE_ACTION_OUTPUT)
                strbuf_puts(&out, trace_at(t, i)->text);
        cluster_free(c);
    }
    strbuf_fini(&text);
    return strbuf_str(&out);
}
#define OUTPUT(...) output_of((const char *const[]){__VA_ARGS__, NULL})

static void commands_answer_as_kubectl_does(void)
{
    CHECK_STR(OUTPUT("get pods"), "NAME   READY   STATUS    RESTARTS   AGE\nweb    1/1     Running   0          10s\n");
    CHECK_STR(OUTPUT("get pod web -o name", "get pods -n other", "get pod nope"),
              "pod/web\nNo resources found in other namespace.\nError from server (NotFound): pods \"nope\" not found\n");
    CHECK_STR(OUTPUT("create -f svc.yaml", "create -f svc.yaml", "apply -f svc.yaml"),
              "service/s created\n"
              "Error from server (AlreadyExists): error when creating \"svc.yaml\": services \"s\" already exists\n"
              "service/s unchanged\n");
    CHECK_STR(OUTPUT("apply -f image.yaml", "apply -f image.yaml"), "pod/web configured\npod/web unchanged\n");
    CHECK_CONTAINS(OUTPUT("apply -f command.yaml"),
                   "The Pod \"web\" is invalid: spec: Forbidden: pod updates may not change fields other than ");
    CHECK_STR(OUTPUT("set image pod/web app=nginx:3", "set image pod/web other=nginx:3"),
              "pod/web image updated\nerror: unable to find container named \"other\"\n");
    CHECK_STR(OUTPUT("label pod web a=b", "label pod web a=c", "label pod web a=c --overwrite", "label pod web a-",
                     "label pod web app=web"),
              "pod/web labeled\nerror: 'a' already has a value (b), and --overwrite is false\npod/web labeled\n"
              "pod/web unlabeled\npod/web not labeled\n");
    CHECK_STR(OUTPUT("annotate pod web a=b", "create configmap cm --from-literal=a=b", "delete cm cm"),
              "pod/web annotated\nconfigmap/cm created\nconfigmap \"cm\" deleted from default namespace\n");
    CHECK_STR(OUTPUT("cordon node1", "cordon node1", "uncordon node1", "taint node node1 a=b:NoSchedule",
                     "taint node node1 a-", "taint node node1 a-"),
              "node/node1 cordoned\nnode/node1 already cordoned\nnode/node1 uncordoned\nnode/node1 tainted\n"
              "node/node1 untainted\nerror: taint \"a\" not found\n");
    CHECK_STR(OUTPUT("run two --image=busybox --restart=Never -- sleep 5", "expose pod two --port=80"),
              "pod/two created\nservice/two exposed\n");
    CHECK_STR(OUTPUT("delete pod -l app=none", "delete pod nope", "delete pod nope --ignore-not-found"),
              "No resources found\nError from server (NotFound): pods \"nope\" not found\n");
}

static void patches_change_what_they_say(void)
{
    CHECK_STR(OUTPUT("patch pod web --type=merge -p '{\"metadata\":{\"labels\":{\"b\":\"1\",\"app\":null}}}'",
                     "get pods -l b=1,!app -o name"),
              "pod/web patched\npod/web\n");
    CHECK_STR(OUTPUT("patch pod web -p '{\"spec\":{\"containers\":[{\"name\":\"app\",\"image\":\"nginx:9\"}]}}'",
                     "patch pod web -p '{\"spec\":{\"containers\":[{\"name\":\"app\",\"image\":\"nginx:9\"}]}}'"),
              "pod/web patched\npod/web patched (no change)\n");
    CHECK_STR(OUTPUT("patch pod web --type=json -p '[{\"op\":\"add\",\"path\":\"/metadata/labels/c~1d\",\"value\":\"2\"}]'",
                     "get pods -l c/d=2 -o name"),
              "pod/web patched\npod/web\n");
    CHECK_CONTAINS(OUTPUT("patch pod web --type=json -p '[{\"op\":\"remove\",\"path\":\"/spec/nothing\"}]'"),
                   "remove /spec/nothing: the path does not exist");
    CHECK_STR(OUTPUT("patch pod web --subresource=status -p "
                     "'{\"status\":{\"conditions\":[{\"type\":\"x.io/gate\",\"status\":\"True\"}]}}'"),
              "pod/web patched\n");
    CHECK_CONTAINS(OUTPUT("patch pod web -p '{\"spec\":{\"restartPolicy\":\"Never\"}}'"), "spec: Forbidden: pod updates may not");
}

static void finalizers_hold_an_object(void)
{
    CHECK_STR(OUTPUT("delete pod web --force", "get pod web -o name",
                     "patch pod web --type=merge -p '{\"metadata\":{\"finalizers\":null}}'", "get pod web"),
              "Warning: Immediate deletion does not wait for confirmation that the running resource has been terminated. "
              "The resource may continue to run on the cluster indefinitely.\n"
              "pod \"web\" force deleted from default namespace\npod/web\npod/web patched\n"
              "Error from server (NotFound): pods \"web\" not found\n");
}

static void actions_are_the_cause_of_what_they_do(void)
{
    struct scenario s;
    struct strbuf text = STRBUF_INIT;
    strbuf_printf(&text, "%s    - label pods --all a=b\n%s", cluster_head, cluster_tail);
    struct scenario_input in = {"s.yaml", strbuf_str(&text), text.len};
    diag_fini(&diags);
    diag_init(&diags);
    if (!CHECK_INT(scenario_load(&arena, &diags, &in, 1, no_file, NULL, &s), 0))
        return;
    struct cluster *c = cluster_new(&s, &(struct cluster_options){.diags = &diags});
    cluster_run(c);
    const struct trace *t = sim_trace(cluster_sim(c));
    uint32_t writes = 0;
    for (uint32_t i = 1; i < trace_count(t); i++) {
        const struct trace_record *r = trace_at(t, i);
        if (r->kind != TRACE_WRITE || r->component != COMP_USER || r->at == 0)
            continue;
        writes++;
        CHECK_INT(r->at, 10 * SIM_SECOND);
        CHECK_INT(trace_at(t, r->cause)->kind, TRACE_ACTION);
    }
    CHECK_INT(writes, 1);
    cluster_free(c);
    strbuf_fini(&text);
}

int main(void)
{
    static const struct tap_test tests[] = {
        TAP_TEST(words_are_split_as_a_shell_does), TAP_TEST(good_lines_are_understood),
        TAP_TEST(mistakes_are_named_and_placed),   TAP_TEST(grace_follows_kubectls_rules),
        TAP_TEST(selectors_match_labels),          TAP_TEST(commands_answer_as_kubectl_does),
        TAP_TEST(patches_change_what_they_say),    TAP_TEST(finalizers_hold_an_object),
        TAP_TEST(actions_are_the_cause_of_what_they_do),
    };
    arena_init(&arena, 0);
    diag_init(&diags);
    return tap_run(tests, ARRAY_LEN(tests));
}
