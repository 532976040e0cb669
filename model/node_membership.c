/* node_membership.c - a node that cannot reach the API server, one that joins, one that leaves for good.
 *
 * A kubelet that is cut off runs on with what it knows: containers, probes and restarts go on, its writes and Events
 * wait (store.h), and it hears of nothing. When it reaches the API server again it lists its pods, as the reflector
 * does: what has changed meanwhile comes as one update, what is gone as a removal. Rules: semantics/nodes.md 4 and 9.
 * k8s cmd/kubeadm/app/discovery/token/token.go for a join whose token has expired.
 * A node that joins is not Ready before its network plugin runs (HOP_NETWORK_READY), and is tainted until then.
 * Left out on purpose: the back-off of the reflector (it lists as soon as it can).
 */
#include <string.h>

#include "model/kubelet.h"
#include "model/kubelet_faults.h"
#include "model/node_lifecycle.h"

/* k8s cmd/kubeadm/app/constants DefaultTokenDuration */
#define TOKEN_DURATION (24 * 3600 * SIM_SECOND)

/* ---- partition ---- */

int node_partition(struct kubelets *ks, const char *node, struct strbuf *out)
{
    struct kubelet *k = kubelets_node(ks, node);
    if (k->cut) {
        strbuf_printf(out, "Error: node \"%s\" is cut off already\n", node);
        return 1;
    }
    k->cut = true;
    store_cut_node(ks->store, k->name, true);
    node_lease_arrives(ks->leases, k->node_ordinal, false);
    return 0;
}

int node_heal(struct kubelets *ks, const char *node, struct strbuf *out)
{
    struct kubelet *k = kubelets_node(ks, node);
    if (!k->cut) {
        strbuf_printf(out, "Error: node \"%s\" is not cut off\n", node);
        return 1;
    }
    k->cut = false;
    store_cut_node(ks->store, k->name, false);
    node_lease_arrives(ks->leases, k->node_ordinal, true);
    if (k->down)
        return 0;
    sim_time list = profile_draw(ks->profile, HOP_WATCH_DELIVERY, k->stream, sim_now(ks->sim));
    node_arm(ks, k, sim_time_add(sim_now(ks->sim), list), k->listed ? NODE_RELIST : NODE_LIST);
    node_status_want(ks, k);
    return 0;
}

int node_recover(struct kubelets *ks, const char *node, struct strbuf *out)
{
    const struct kubelet *k = kubelets_node(ks, node);
    if (!k->off && !k->down && !k->cut) {
        strbuf_printf(out, "Error: node \"%s\" is running\n", node);
        return 1;
    }
    if (k->cut)
        node_heal(ks, node, out);
    return k->off ? node_boot(ks, node, out) : k->down ? kubelet_start(ks, node, out) : 0;
}

void api_server_set(struct kubelets *ks, bool up)
{
    store_set_down(ks->store, !up);
    node_leases_api_server(ks->leases, up);
}

/* k8s client-go tools/cache/reflector.go: the list replaces what it knew; what is gone is a removal of the last known.
 */
void kubelet_relist(struct kubelets *ks, struct kubelet *k)
{
    uint32_t cause = sim_cause(ks->sim), cursor = 0;
    if (k->cut || k->down)
        return;
    k->node = (const struct node *)store_by_ordinal(ks->store, k->node_ordinal);
    for (const struct api_object *o; (o = store_next(ks->store, KIND_POD, &cursor)) != NULL;) {
        const struct pod *p = (const struct pod *)o;
        sim_set_cause(ks->sim, cause);
        if (p->spec.node_name && strcmp(p->spec.node_name, k->name) == 0)
            kubelet_config_event(ks, k, WRITE_CREATE, p);
    }
    cursor = 0;
    for (struct kpod *kp; (kp = node_next_pod(ks, k, &cursor));) {
        sim_set_cause(ks->sim, cause);
        if (kp->volumes_ready && !kp->gone)
            podworker_resync_matters(kp);
        if (!kp->own && !kp->gone && !store_by_ordinal(ks->store, kp->pod->object.ordinal))
            kubelet_gone_event(kp);
    }
    sim_set_cause(ks->sim, cause);
}

/* ---- joining and leaving ---- */

static int token_refused(struct strbuf *out)
{
    strbuf_puts(out,
                "[preflight] Running pre-flight checks\n"
                "error execution phase preflight: couldn't validate the identity of the API Server: could not find a "
                "JWS signature in the cluster-info ConfigMap for token ID \"abcdef\"\n"
                "To see the stack trace of this error execute with --v=5 or higher\n");
    return 1;
}

/* k8s plugin/pkg/admission/nodetaint/admission.go: who registers cannot be ready yet. */
static void taint_new_node(struct kubelets *ks, struct node *n)
{
    struct taint *list = arena_array(ks->arena, struct taint, n->spec.taints.count + 1);
    if (n->spec.taints.count)
        memcpy(list, n->spec.taints.items, n->spec.taints.count * sizeof *list);
    n->spec.taints.items = list;
    if (!node_has_taint(n, TAINT_NOT_READY, "NoSchedule"))
        list[n->spec.taints.count++] =
            (struct taint){.key = TAINT_NOT_READY, .effect = "NoSchedule", .time_added = SIM_NEVER};
}

/* What a kubelet registers: with conditions of now, and without a network while its plugin does not run. */
static const struct node *create_node(struct kubelets *ks, struct node *n, bool network)
{
    sim_time now = api_second(sim_now(ks->sim));
    for (uint32_t i = 0; i < n->status.conditions.count; i++) {
        struct node_condition *c = &n->status.conditions.items[i];
        c->last_transition_time = c->last_heartbeat_time = now;
        if (network || strcmp(c->type, "Ready") != 0)
            continue;
        c->status = "False";
        c->reason = "KubeletNotReady";
        c->message = NETWORK_NOT_READY;
    }
    if (!network)
        taint_new_node(ks, n);
    const struct api_object *stored;
    return store_create(ks->store, COMP_KUBELET, &n->object, &stored) == STORE_OK ? (const struct node *)stored : NULL;
}

/* k8s kubelet_node_status.go fastNodeStatusUpdate: a young kubelet that is ready says so within 0.1 s. */
void node_network_ready(struct kubelets *ks, struct kubelet *k)
{
    k->network_at = 0;
    k->network_down = false;
    node_status_post(ks, k);
}

/* k8s kubelet_node_status.go registerWithAPIServer, once in the life of a kubelet: a Node that was deleted is made
 * again, under another uid and as the kubelet would have it. */
static void register_again(struct kubelets *ks, struct kubelet *k)
{
    struct node *n = (struct node *)api_object_copy(ks->arena, &k->node->object);
    n->object.meta.finalizers.count = n->object.meta.owner_references.count = 0;
    n->spec.unschedulable = false;
    n->spec.taints.count = 0;
    const struct node *stored = create_node(ks, n, !k->network_down);
    if (!stored)
        return;
    k->node = stored;
    k->node_ordinal = stored->object.ordinal;
    node_lease_add(ks->leases, &stored->object, sim_now(ks->sim));
    node_lease_arrives(ks->leases, k->node_ordinal, !k->cut);
}

void node_register(struct kubelets *ks, struct kubelet *k)
{
    if (!store_by_ordinal(ks->store, k->node_ordinal) && !k->cut && !store_get(ks->store, KIND_NODE, "", k->name))
        register_again(ks, k);
    if (k->network_at)
        node_arm(ks, k, k->network_at, NODE_NETWORK);
}

int node_join(struct kubelets *ks, const struct node *given, sim_time token_age, struct strbuf *out)
{
    if (store_get(ks->store, KIND_NODE, "", given->object.meta.name) || kubelets_node(ks, given->object.meta.name)) {
        strbuf_printf(out, "Error: there is a node \"%s\" already\n", given->object.meta.name);
        return 1;
    }
    if (token_age > TOKEN_DURATION)
        return token_refused(out);
    struct node *node = (struct node *)api_object_copy(ks->arena, &given->object);
    uint32_t stream = api_stream(&node->object);
    sim_time network = profile_draw(ks->profile, HOP_NETWORK_READY, stream, sim_now(ks->sim));
    const struct node *stored = create_node(ks, node, network == 0);
    if (!stored)
        return 1;
    kubelet_add_node(ks, stored, sim_now(ks->sim));
    struct kubelet *k = kubelets_node(ks, stored->object.meta.name);
    k->down = true;
    k->listed = false;
    k->network_down = network > 0;
    k->network_at = network > 0 ? sim_time_add(sim_now(ks->sim), network) : 0;
    kubelet_begin(ks, k);
    strbuf_puts(out, "This node has joined the cluster:\n"
                     "* Certificate signing request was sent to apiserver and a response was received.\n"
                     "* The Kubelet was informed of the new secure connection details.\n");
    return 0;
}

bool node_exists(struct kubelets *ks, const char *node)
{
    const struct kubelet *k = kubelets_node(ks, node);
    return k && !k->left;
}

/* The machine goes, and somebody deletes its Node. */
int node_leave(struct kubelets *ks, const char *node, struct strbuf *out)
{
    struct kubelet *k = kubelets_node(ks, node);
    const struct api_object *o = store_get(ks->store, KIND_NODE, "", node);
    (void)out;
    node_power_off(ks, k);
    k->left = true;
    if (o)
        store_delete(ks->store, COMP_USER, o, -1);
    return 0;
}
