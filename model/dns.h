/* dns.h - the cluster's DNS server, as programs in pods see it. */
#ifndef MODEL_DNS_H
#define MODEL_DNS_H

#include "model/cri.h"
#include "model/store.h"

struct dns;
struct dns *dns_new(struct store *st);
/* A Service or EndpointSlice that its watch has seen change. */
void dns_deliver(struct dns *d, const struct watch_event *event);
/* Its answers show all that it has heard of. */
bool dns_is_settled(const struct dns *d);
/* cri_deps.resolve. */
void dns_resolve(struct dns *d, struct arena *a, const char *fqdn, struct dns_answer *ret_answer);

#endif
