/* Every outcome of a probe's handlers: what is asked of which server, the first event that says so, when, and whether
 * the container is ready at the end. semantics/probes.md 7. The pod's address is 10.244.1.2. */
#include "tests/unit/cluster_world.h"

#define SCENARIO(more) "apiVersion: podsim.dev/v1\nkind: Scenario\nspec:\n" more "\n"
#define PRESENT                                                                                                        \
    "  images: [{name: busybox, present: true}, {name: nginx, present: true}, {name: agnhost, present: true}, "        \
    "{name: mccutchen/go-httpbin, present: true}, {name: moul/grpcbin, present: true}, {name: redis, present: true}]"
#define PLAIN SCENARIO(PRESENT)
#define IP "10.244.1.2"

#define HTTPBIN "image: mccutchen/go-httpbin, imagePullPolicy: Never"
#define AGNHOST(args) "image: agnhost, imagePullPolicy: Never, args: [" args "]"
#define NETEXEC AGNHOST("netexec")
#define NGINX   "image: nginx, imagePullPolicy: Never"
#define SLEEPER "image: busybox, imagePullPolicy: Never, command: [sleep, '1000']"

static const struct probe_case {
    const char *name, *container, *handler, *event, *at; /* at: of the first event */
    bool ready;
    const char *head, *version;
} cases[] = {
    /* HTTP: the port */
    {"port by name", NETEXEC ", ports: [{name: web, containerPort: 8080}]", "httpGet: {path: /healthz, port: web}",
     "none", "", true, NULL, NULL},
    {"port that no container port is named", NETEXEC, "httpGet: {port: web}",
     "Readiness probe errored and resulted in unknown state: strconv.Atoi: parsing \"web\": invalid syntax", "0.3",
     false, NULL, NULL},
    {"the same up to 1.32", NETEXEC, "httpGet: {port: web}",
     "Readiness probe errored: strconv.Atoi: parsing \"web\": invalid syntax", "1.0", false, NULL, "1.32"},
    /* HTTP: status codes */
    {"200", NETEXEC, "httpGet: {path: /echo?code=200, port: 8080}", "none", "", true, NULL, NULL},
    {"400", NETEXEC, "httpGet: {path: /echo?code=400, port: 8080}",
     "Readiness probe failed: HTTP probe failed with statuscode: 400", "0.3", false, NULL, NULL},
    {"503, the body is not shown", NETEXEC, "httpGet: {path: '/echo?code=503&msg=secret', port: 8080}",
     "Readiness probe failed: HTTP probe failed with statuscode: 503", "0.3", false, NULL, NULL},
    {"304 is no redirect", NETEXEC, "httpGet: {path: '/echo?code=304&msg=old', port: 8080}",
     "Readiness probe warning: Probe terminated redirects, Response body: old", "0.3", true, NULL, NULL},
    /* HTTP: redirects */
    {"redirect on the same host", NETEXEC, "httpGet: {path: /redirect?location=/healthz, port: 8080}", "none", "",
     true, NULL, NULL},
    {"redirect to a failure", NETEXEC, "httpGet: {path: '/redirect?location=/echo%3Fcode=500', port: 8080}",
     "Readiness probe failed: HTTP probe failed with statuscode: 500", "0.3", false, NULL, NULL},
    {"redirect to another port of the host", NETEXEC,
     "httpGet: {path: '/redirect?location=http://" IP ":81/', port: 8080}",
     "Readiness probe failed: Get \"http://" IP ":81/\": dial tcp " IP ":81: connect: connection refused", "0.3",
     false, NULL, NULL},
    {"W20: redirect to another host", HTTPBIN, "httpGet: {path: '/redirect-to?url=https://sso.example/', port: 8080}",
     "Readiness probe warning: Probe terminated redirects, Response body: <!DOCTYPE HTML PUBLIC \"-//W3C//DTD HTML "
     "3.2 Final//EN\">\n<title>Redirecting...</title>\n",
     "0.3", true, NULL, NULL},
    {"redirect built from the Host header", HTTPBIN,
     "httpGet: {path: /absolute-redirect/1, port: 8080, httpHeaders: [{name: host, value: shop.example}]}",
     "Readiness probe warning: Probe terminated redirects, Response body: <!DOCTYPE HTML PUBLIC \"-//W3C//DTD HTML "
     "3.2 Final//EN\">\n<title>Redirecting...</title>\n",
     "0.3", true, NULL, NULL},
    {"nine redirects and an answer", HTTPBIN, "httpGet: {path: /redirect/9, port: 8080}", "none", "", true, NULL, NULL},
    {"ten redirects are too many", HTTPBIN, "httpGet: {path: /redirect/10, port: 8080}",
     "Readiness probe failed: Get \"/get\": stopped after 10 redirects", "0.3", false, NULL, NULL},
    /* HTTP: no answer */
    {"connection refused", NETEXEC, "httpGet: {path: /healthz, port: 81}",
     "Readiness probe failed: Get \"http://" IP ":81/healthz\": dial tcp " IP ":81: connect: connection refused",
     "0.3", false, NULL, NULL},
    {"nobody at that address", NETEXEC, "httpGet: {host: 10.9.9.9, port: 80}, timeoutSeconds: 2",
     "Readiness probe failed: Get \"http://10.9.9.9:80/\": dial tcp 10.9.9.9:80: i/o timeout (Client.Timeout exceeded "
     "while awaiting headers)",
     "2.3", false, NULL, NULL},
    {"a name that does not resolve", NETEXEC, "httpGet: {host: backend, port: 80}",
     "Readiness probe failed: Get \"http://backend:80/\": dial tcp: lookup backend on 127.0.0.53:53: no such host",
     "0.3", false, NULL, NULL},
    {"the connection is closed", "image: redis, imagePullPolicy: Never", "httpGet: {port: 6379}, initialDelaySeconds: 1",
     "Readiness probe failed: Get \"http://" IP ":6379/\": EOF", "1.0", false, NULL, NULL},
    {"the loopback address is the node's", SLEEPER, "httpGet: {host: 127.0.0.1, port: 8080}",
     "Readiness probe failed: Get \"http://127.0.0.1:8080/\": dial tcp 127.0.0.1:8080: connect: connection refused",
     "0.3", false, NULL, NULL},
    {"slow to answer", HTTPBIN, "httpGet: {path: /delay/2, port: 8080}",
     "Readiness probe failed: Get \"http://" IP ":8080/delay/2\": context deadline exceeded (Client.Timeout exceeded "
     "while awaiting headers)",
     "1.3", false, NULL, NULL},
    {"slow, and time enough", HTTPBIN, "httpGet: {path: /delay/2, port: 8080}, timeoutSeconds: 3", "none", "", true,
     NULL, NULL},
    /* HTTP: the body */
    {"the body stalls: three attempts of the timeout each", HTTPBIN,
     "httpGet: {path: '/drip?duration=5&numbytes=10', port: 8080}",
     "Readiness probe errored and resulted in failure state: context deadline exceeded (Client.Timeout or context "
     "cancellation while reading body)",
     "3.3", false, NULL, NULL},
    {"a slow body in time", HTTPBIN, "httpGet: {path: '/drip?duration=0.5&numbytes=10', port: 8080}", "none", "", true,
     NULL, NULL},
    {"only 10 KiB of a slow body are read", HTTPBIN, "httpGet: {path: '/drip?duration=5&numbytes=102400', port: 8080}",
     "none", "", true, NULL, NULL},
    /* HTTP: headers */
    {"a header reaches the server", HTTPBIN,
     "httpGet: {path: /bearer, port: 8080, httpHeaders: [{name: Authorization, value: Bearer x}]}", "none", "", true,
     NULL, NULL},
    {"without it", HTTPBIN, "httpGet: {path: /bearer, port: 8080}",
     "Readiness probe failed: HTTP probe failed with statuscode: 401", "0.3", false, NULL, NULL},
    {"Accept is */* unless given", HTTPBIN, "httpGet: {path: /image, port: 8080}",
     "Readiness probe failed: HTTP probe failed with statuscode: 406", "0.3", false, NULL, NULL},
    {"an empty Accept is removed", HTTPBIN,
     "httpGet: {path: /image, port: 8080, httpHeaders: [{name: accept, value: ''}]}", "none", "", true, NULL, NULL},
    /* HTTPS */
    {"HTTPS to a plain server", NETEXEC, "httpGet: {path: /healthz, port: 8080, scheme: HTTPS}",
     "Readiness probe failed: Get \"https://" IP ":8080/healthz\": http: server gave HTTP response to HTTPS client",
     "0.3", false, NULL, NULL},
    {"HTTPS, the certificate is not looked at", AGNHOST("netexec, --tls-cert-file=/localhost.crt"),
     "httpGet: {path: /healthz, port: 8080, scheme: HTTPS}", "none", "", true, NULL, NULL},
    {"HTTP to a server of HTTPS", AGNHOST("netexec, --tls-cert-file=/localhost.crt"),
     "httpGet: {path: /healthz, port: 8080}", "Readiness probe failed: HTTP probe failed with statuscode: 400", "0.3",
     false, NULL, NULL},
    /* TCP */
    {"TCP: connected", NGINX, "tcpSocket: {port: 80}, initialDelaySeconds: 1", "none", "", true, NULL, NULL},
    {"TCP: refused", NGINX, "tcpSocket: {port: 81}",
     "Readiness probe failed: dial tcp " IP ":81: connect: connection refused", "0.3", false, NULL, NULL},
    {"TCP: nobody there", NGINX, "tcpSocket: {host: 10.9.9.9, port: 81}",
     "Readiness probe failed: dial tcp 10.9.9.9:81: i/o timeout", "1.3", false, NULL, NULL},
    {"TCP: no such port name", NGINX, "tcpSocket: {port: mysql}",
     "Readiness probe errored and resulted in unknown state: strconv.Atoi: parsing \"mysql\": invalid syntax", "0.3",
     false, NULL, NULL},
    /* exec */
    {"exec: 0", SLEEPER, "exec: {command: ['true']}", "none", "", true, NULL, NULL},
    {"exec: 3, standard output before errors", SLEEPER, "exec: {command: [sh, -c, 'echo no >&2; echo yes; exit 3']}",
     "Readiness probe failed: yes\nno\n", "0.3", false, NULL, NULL},
    {"exec: no output", SLEEPER, "exec: {command: ['false']}", "Readiness probe failed: ", "0.3", false, NULL, NULL},
    {"exec: variables with literal values only", SLEEPER ", env: [{name: A, value: x}, {name: POD, valueFrom: {fieldRef: "
                                                         "{fieldPath: metadata.name}}}]",
     "exec: {command: [sh, -c, 'echo $(A) $(POD) $$(A); exit 1']}",
     "Readiness probe failed: x\nsh: POD: not found\nsh: A: not found\n", "0.3", false, NULL, NULL},
    {"exec: too slow", SLEEPER, "exec: {command: [sleep, '5']}",
     "Readiness probe failed: command timed out: \"sleep 5\" timed out after 1s", "1.3", false, NULL, NULL},
    {"exec: too slow, gate ExecProbeTimeout off", SLEEPER, "exec: {command: [sleep, '5']}",
     "Readiness probe errored and resulted in unknown state: command timed out: \"sleep 5\" timed out after 1s", "4.0",
     false, SCENARIO("  kubernetesVersion: '1.34'\n  featureGates: {ExecProbeTimeout: false}\n" PRESENT), "1.34"},
    {"exec: no such program", SLEEPER, "exec: {command: [checkhealth]}",
     "Readiness probe errored and resulted in unknown state: rpc error: code = Unknown desc = failed to exec in "
     "container: failed to start exec \"ID\": OCI runtime exec failed: exec failed: unable to start container "
     "process: exec: \"checkhealth\": executable file not found in $PATH",
     "0.3", false, NULL, NULL},
    /* gRPC */
    {"gRPC: SERVING", AGNHOST("grpc-health-checking"), "grpc: {port: 5000}", "none", "", true, NULL, NULL},
    {"gRPC: a named service", AGNHOST("grpc-health-checking, --service=shop"), "grpc: {port: 5000, service: shop}",
     "none", "", true, NULL, NULL},
    {"gRPC: NOT_SERVING", AGNHOST("grpc-health-checking, --delay-unhealthy-sec=0"), "grpc: {port: 5000}",
     "Readiness probe failed: service unhealthy (responded with \"NOT_SERVING\")", "0.3", false, NULL, NULL},
    {"gRPC: unknown service", AGNHOST("grpc-health-checking"), "grpc: {port: 5000, service: shop}",
     "Readiness probe failed: error: health rpc probe failed: rpc error: code = NotFound desc = unknown service",
     "0.3", false, NULL, NULL},
    {"gRPC: no health service", "image: moul/grpcbin, imagePullPolicy: Never", "grpc: {port: 9000}",
     "Readiness probe failed: error: this server does not implement the grpc health protocol "
     "(grpc.health.v1.Health): unknown service grpc.health.v1.Health",
     "0.3", false, NULL, NULL},
    {"gRPC: refused, until the time is up", AGNHOST("grpc-health-checking"), "grpc: {port: 5001}",
     "Readiness probe failed: timeout: failed to connect service \"" IP ":5001\" within 1s: context deadline exceeded",
     "1.3", false, NULL, NULL},
    {"gRPC: it speaks HTTP/1", NETEXEC, "grpc: {port: 8080}",
     "Readiness probe failed: timeout: failed to connect service \"" IP ":8080\" within 1s: context deadline exceeded",
     "1.3", false, NULL, NULL},
};

static const char *first_event(struct world *w, const char **ret_at)
{
    static char at[32];
    *ret_at = "";
    for (uint32_t i = 1; i < trace_count(w->trace.trace); i++) {
        const struct trace_record *r = trace_at(w->trace.trace, i);
        if (!events(r, "Unhealthy") && !events(r, "ProbeWarning"))
            continue;
        snprintf(at, sizeof(at), "%" PRId64 ".%" PRId64, r->at / SIM_SECOND, r->at % SIM_SECOND / (SIM_SECOND / 10));
        *ret_at = at;
        const char *text = ((const struct k8s_event *)r->data)->message, *id = strstr(text, "start exec \"");
        if (!id)
            return text;
        id += strlen("start exec \"");
        return arena_printf(&w->arena, "%.*sID%s", (int)(id - text), text, id + strcspn(id, "\""));
    }
    return "none";
}

static void every_outcome_has_its_event(void)
{
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const struct probe_case *c = &cases[i];
        struct world w;
        char spec[800];
        const char *at;
        snprintf(spec, sizeof(spec), "  containers:\n  - {name: c, %s, readinessProbe: {%s}}\n", c->container,
                 c->handler);
        tap_row("%s", c->name);
        if (!begin(&w, c->head ? c->head : PLAIN, spec, c->version ? c->version : "1.36"))
            return;
        if (c->head) /* its gates */
            feature_set(&w.scenario.features, FEATURE_EXEC_PROBE_TIMEOUT, false);
        start(&w, PROFILE_REF, 9);
        cluster_run(w.cluster);
        w.trace = cluster_trace(w.cluster);
        CHECK_STR(first_event(&w, &at), c->event);
        CHECK_STR(at, c->at);
        CHECK_INT(*times(&w, becomes_ready, "True") != '\0', c->ready);
        end(&w);
    }
}

static const char *add_time(struct world *w, const char *text, sim_time at)
{
    return arena_printf(&w->arena, "%s%s%" PRId64 ".%" PRId64, text, *text ? " " : "", at / SIM_SECOND,
                        at % SIM_SECOND / (SIM_SECOND / 10));
}

static bool probed(const struct trace_record *r, const char *container)
{
    return r->kind == TRACE_PROBE && strcmp(r->text, container) == 0;
}

/* Sending times of all executions, those that are only counted included. */
static const char *all_probes(struct world *w)
{
    const char *text = "";
    for (uint32_t i = 1; i < trace_count(w->trace.trace); i++) {
        const struct trace_record *r = trace_at(w->trace.trace, i);
        if (r->kind == TRACE_PROBE)
            text = add_time(w, text, ((const struct trace_probe *)r->data)->sent_at);
        const struct trace_repeats *repeats = r->kind == TRACE_PROBE_REPEATS ? r->data : NULL;
        for (uint32_t s = 0; repeats && s < repeats->stretch_count; s++)
            for (uint64_t n = 0; n < repeats->stretches[s].count; n++)
                text = add_time(w, text, repeats->stretches[s].first + (sim_time)n * repeats->stretches[s].period);
    }
    return text;
}

/* Three attempts of an execution count as one, and only while they take time the next tick waits. */
static void an_execution_that_errors_is_one_run(void)
{
    struct world w;
    run(&w, PLAIN,
        "  containers:\n  - {name: c, " HTTPBIN ", livenessProbe: {httpGet: {path: '/drip?duration=60', port: 8080}, "
        "periodSeconds: 2, failureThreshold: 1}}\n",
        "1.36", 20);
    CHECK_STR(times(&w, probed, "c"), "5.3 8.3 11.3 14.3 17.3");
    CHECK_STR(times(&w, events, "Killing"), "");
    end(&w);
}

/* A gRPC client connects again 1 s, then 1.6 s later, while there is time. The container starts at 0.3.
 * A sync that came meanwhile brings another run at once. */
static void a_grpc_probe_waits_for_its_server(void)
{
    static const struct {
        const char *name, *server, *timeout, *ready, *failed;
    } rows[] = {
        {"there at the third try", "sleep 2; exec /agnhost grpc-health-checking", "5", "2.9", ""},
        {"the time is up before the third", "sleep 2; exec /agnhost grpc-health-checking", "2", "2.3", "2.3"},
        {"the time is up at the second", "sleep 0.5; exec /agnhost grpc-health-checking", "1", "1.3", "1.3"},
        {"never, and the pod goes meanwhile", "sleep 4", "30", "", "30.3"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct world w;
        char spec[500];
        snprintf(spec, sizeof(spec),
                 "  containers:\n  - {name: c, image: agnhost, imagePullPolicy: Never, command: [sh, -c, '%s'], "
                 "readinessProbe: {grpc: {port: 5000}, timeoutSeconds: %s}}\n",
                 rows[i].server, rows[i].timeout);
        tap_row("%s", rows[i].name);
        run(&w, PLAIN, spec, "1.36", 40);
        CHECK_STR(times(&w, becomes_ready, "True"), rows[i].ready);
        CHECK_STR(times(&w, events, "Unhealthy"), rows[i].failed);
        end(&w);
    }
}

/* spec.timing: when the first probes come, and the race of the first readiness run. The container starts at 0.3 and
 * is first seen at 0.3 [1.36] or 1.0 [1.35]. */
static void the_first_probe_is_a_policy(void)
{
    static const struct {
        const char *timing, *version, *probe, *times;
    } rows[] = {
        {"probePhase: natural", "1.36", "livenessProbe: {exec: {command: ['true']}}", "10.3 20.3"},
        {"probePhase: best", "1.36", "livenessProbe: {exec: {command: ['true']}}", "0.3 10.3 20.3"},
        {"probePhase: best", "1.35", "livenessProbe: {exec: {command: ['true']}}", "1.0 11.0 21.0"},
        {"probePhase: worst", "1.36", "livenessProbe: {exec: {command: ['true']}}", "10.2 20.2"},
        {"probePhase: 3s", "1.36", "livenessProbe: {exec: {command: ['true']}}", "3.3 13.3 23.3"},
        {"probePhase: 13s", "1.36", "livenessProbe: {exec: {command: ['true']}}", "3.3 13.3 23.3"},
        {"probePhase: best", "1.36", "livenessProbe: {exec: {command: ['true']}, initialDelaySeconds: 7}", "7.0 17.0"},
        {"probePhase: worst", "1.36", "livenessProbe: {exec: {command: ['true']}, initialDelaySeconds: 7}", "16.9"},
        {"probePhase: best", "1.36", "startupProbe: {exec: {command: ['true']}}", "0.3"},
        /* probes.md 4: a young kubelet's worker waits a random part of its period, then looks at once; one trigger of
         * the readiness worker is kept */
        {"kubeletUptime: 9.6s", "1.36", "livenessProbe: {exec: {command: ['true']}}", "8.8 18.8"},
        {"kubeletUptime: 10s", "1.36", "livenessProbe: {exec: {command: ['true']}}", "10.3 20.3"},
        {"kubeletUptime: 0s", "1.36", "readinessProbe: {exec: {command: ['true']}}", "2.0 2.0 12.0 22.0"},
        {"kubeletUptime: 0s", "1.36", "startupProbe: {exec: {command: ['true']}}", "5.6"},
        {"kubeletUptime: 0s, probePhase: best", "1.36", "livenessProbe: {exec: {command: ['true']}}", "8.8 18.8"},
        {"probeTriggerRace: win", "1.36", "readinessProbe: {exec: {command: ['true']}}", "0.3 10.3 20.3"},
        /* probes.md 4: nothing was written, so that no further sync comes; the tick after a period is the first run,
         * the value it sets brings one more */
        {"probeTriggerRace: lose", "1.36", "readinessProbe: {exec: {command: ['true']}}", "10.3 20.3"},
        {"probeTriggerRace: lose", "1.36", "readinessProbe: {exec: {command: ['false']}}",
         "10.3 10.3 20.3"},
        {"probeTriggerRace: lose", "1.35", "readinessProbe: {exec: {command: ['false']}}",
         "11.0 11.0 21.0"},
        {"probeTriggerRace: seeded, probeTriggerLoss: 100", "1.36",
         "readinessProbe: {exec: {command: ['true']}}", "10.3 20.3"},
        {"probeTriggerRace: seeded, probeTriggerLoss: 0", "1.36",
         "readinessProbe: {exec: {command: ['true']}}", "0.3 10.3 20.3"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct world w;
        char head[500], spec[400];
        snprintf(head, sizeof(head), SCENARIO("  timing: {profile: ref, %s}\n" PRESENT), rows[i].timing);
        snprintf(spec, sizeof(spec), "  containers:\n  - {name: c, " SLEEPER ", %s}\n", rows[i].probe);
        tap_row("%s, %s, %s", rows[i].timing, rows[i].version, rows[i].probe);
        if (!begin(&w, head, spec, rows[i].version))
            return;
        start(&w, PROFILE_REF, 25);
        cluster_run(w.cluster);
        w.trace = cluster_trace(w.cluster);
        CHECK_STR(all_probes(&w), rows[i].times);
        struct cluster_options every_tick = {
            .has_until = true, .until = 25 * SIM_SECOND, .ticks = TICKS_ALL, .diags = &w.diags};
        struct cluster *slow = cluster_new(&w.scenario, &every_tick);
        cluster_run(slow);
        CHECK_UINT(cluster_digest(slow), cluster_digest(w.cluster)); /* fast-forward or not */
        cluster_free(slow);
        end(&w);
    }
}

int main(void)
{
    static const struct tap_test tests[] = {
        TAP_TEST(every_outcome_has_its_event),
        TAP_TEST(an_execution_that_errors_is_one_run),
        TAP_TEST(a_grpc_probe_waits_for_its_server),
        TAP_TEST(the_first_probe_is_a_policy),
    };
    return tap_run(tests, ARRAY_LEN(tests));
}
