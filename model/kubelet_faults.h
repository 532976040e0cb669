/* kubelet_faults.h - what a scenario's faults can do to a node's kubelet. Included by fault.c and cluster.c.
 *
 * Each appends a sentence to `out` and returns 1 when there is nothing to befall, else 0.
 */
#ifndef MODEL_KUBELET_FAULTS_H
#define MODEL_KUBELET_FAULTS_H

#include "model/eviction.h"
#include "model/static_manifest.h"
#include "sim/strbuf.h"

struct kubelets;
struct node;

/* The process is gone; the containers of the node run on. */
int kubelet_stop(struct kubelets *ks, const char *node, struct strbuf *out);
int kubelet_start(struct kubelets *ks, const char *node, struct strbuf *out);
/* Stops it now and starts it again `down` later. */
int kubelet_restart(struct kubelets *ks, const char *node, sim_time down, struct strbuf *out);

bool node_exists(struct kubelets *ks, const char *node); /* there is such a machine */
bool node_kubelet_runs(struct kubelets *ks, const char *node);
/* Somebody on the node has killed it: systemd starts it again. */
void kubelet_is_killed(struct kubelets *ks, const char *node);

/* The kubelet and the API server do not reach each other. */
int node_partition(struct kubelets *ks, const char *node, struct strbuf *out);
int node_heal(struct kubelets *ks, const char *node, struct strbuf *out);
/* Ends whatever keeps the node from working. */
int node_recover(struct kubelets *ks, const char *node, struct strbuf *out);
/* It answers, or does not. */
void api_server_set(struct kubelets *ks, bool up);
/* kubeadm join, with a token of that age: refused after 24 hours. */
int node_join(struct kubelets *ks, const struct node *given, sim_time token_age, struct strbuf *out);
/* The machine is off for good, and its Node is deleted. */
int node_leave(struct kubelets *ks, const char *node, struct strbuf *out);

/* Files of the node's manifest directory. */
int static_pod_write(struct kubelets *ks, const char *node, const struct static_manifest *m, struct strbuf *out);
int static_pod_remove(struct kubelets *ks, const char *node, const char *name, struct strbuf *out);
/* Pulls fail, those that have begun break off; error NULL = in containerd's words. */
void registry_down(struct kubelets *ks, const char *error);
void registry_up(struct kubelets *ks);
void registry_set_image(struct kubelets *ks, const char *name, bool gone);

/* systemd announces a shutdown; the power goes when the kubelet has stopped its pods. */
int node_shutdown(struct kubelets *ks, const char *node, struct strbuf *out);
/* systemd says PrepareForShutdown(false): the power stays on. */
int node_cancel_shutdown(struct kubelets *ks, const char *node, struct strbuf *out);
int node_power_loss(struct kubelets *ks, const char *node, struct strbuf *out);
int node_boot(struct kubelets *ks, const char *node, struct strbuf *out);

/* Somebody removes the container's dead instances. False: it has none, or it runs. */
bool container_remove_dead(struct kubelets *ks, uint32_t pod_ordinal, const char *container);

/* The runtime's calls do not return until it is resumed. */
int runtime_hang(struct kubelets *ks, const char *node, struct strbuf *out);
int runtime_resume(struct kubelets *ks, const char *node, struct strbuf *out);
/* No sandbox can be made; error NULL = one of a network plugin. */
int sandbox_fail(struct kubelets *ks, const char *node, const char *error);
int sandbox_recover(struct kubelets *ks, const char *node);
/* No container can be created; error NULL = what containerd says while it is busy with one of that name. */
int containers_fail(struct kubelets *ks, const char *node, const char *error);
int containers_recover(struct kubelets *ks, const char *node);
int network_set(struct kubelets *ks, const char *node, bool up);

/* From now on so much is available on the node. */
enum node_amount { NODE_MEMORY, NODE_DISK, NODE_INODES, NODE_PIDS, NODE_AMOUNT_COUNT };
int node_pressure(struct kubelets *ks, const char *node, const struct eviction_amount available[NODE_AMOUNT_COUNT]);
int node_relieve(struct kubelets *ks, const char *node);

#endif
