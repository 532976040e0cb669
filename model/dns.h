/* dns.h - the cluster's DNS server and the Service proxy's routes, as programs in pods see them. */
#ifndef MODEL_DNS_H
#define MODEL_DNS_H

#include "model/cri.h"
#include "model/store.h"

struct dns;
struct dns *dns_new(struct store *st);
/* cri_deps.resolve. */
void dns_resolve(struct dns *d, struct arena *a, const char *fqdn, struct dns_answer *ret_answer);

/* cri_deps.route: from a Service address to an endpoint that may serve it now. */
bool service_route(struct store *st, const char **ip, int32_t *port);

#endif
