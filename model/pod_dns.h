/* pod_dns.h - the name servers and search path of a pod: dnsPolicy and dnsConfig. */
#ifndef MODEL_POD_DNS_H
#define MODEL_POD_DNS_H

#include "model/cri.h"

#define CLUSTER_DNS    "10.96.0.10" /* clusterDNS and clusterDomain of a KubeletConfiguration as kubeadm writes it */
#define CLUSTER_DOMAIN "cluster.local"
#define HOST_DNS       "192.168.49.1" /* of the nodes' own resolv.conf; it has no search path */

/* NULL: what a pod with policy ClusterFirst and nothing else has, which need not be kept. *ret_warnings: messages of
 * events DNSConfigForming. */
const struct cri_dns *pod_dns(struct arena *a, const struct pod *pod, str_list *ret_warnings);
/* What NULL stands for. */
void pod_dns_default(struct arena *a, const char *namespace_, struct cri_dns *ret);

#endif
