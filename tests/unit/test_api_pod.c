/* test_api_pod.c - pods and services from manifests: defaults, admission, requests, classes of service,
 * what is accepted, and that everything printed is read back as the same object.
 */
#include "model/api_types.h"
#include "tests/unit/tap.h"

#include "tests/unit/cover_rows.h"

#include <stdlib.h>

static struct arena arena;
static struct diag_set diags;
static struct pool objects;
static struct strbuf out;

static const char *errors(void)
{
    strbuf_reset(&out);
    diag_print(&diags, &out, 0);
    return strbuf_str(&out);
}

/* Reads a manifest; NULL and a failed check when it has errors. The first object is returned. */
static struct api_object *read_first(const char *text)
{
    struct document_list docs;
    diag_fini(&diags);
    diag_init(&diags);
    pool_init(&objects, &arena, sizeof(struct api_object *));
    value_parse(&arena, &diags, "t.yaml", text, strlen(text), &docs);
    for (uint32_t i = 0; i < docs.count; i++)
        api_read_document(&arena, &diags, &docs.items[i], &objects);
    CHECK_STR(errors(), "");
    return objects.count ? *(struct api_object **)pool_at(&objects, 0) : NULL;
}

static struct pod *read_pod(const char *spec)
{
    struct strbuf text = STRBUF_INIT;
    strbuf_printf(&text, "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n%s", spec);
    struct api_object *o = read_first(arena_strdup(&arena, strbuf_str(&text)));
    strbuf_fini(&text);
    if (!CHECK(o && o->kind == KIND_POD))
        exit(1);
    return (struct pod *)o;
}

static const char *printed(const struct api_object *o)
{
    strbuf_reset(&out);
    api_write_yaml(kind_infos[o->kind].type, o, 0, &out, 0);
    return strbuf_str(&out);
}

static void a_pod_gets_the_defaults_of_the_api_server(void)
{
    struct pod *p = read_pod("  containers:\n"
                             "  - name: c\n"
                             "    image: nginx\n"
                             "    ports: [{containerPort: 80}]\n"
                             "    livenessProbe: {httpGet: {port: 80}, periodSeconds: 0}\n"
                             "    env: [{name: \"N\", valueFrom: {fieldRef: {fieldPath: metadata.name}}}]\n"
                             "    volumeMounts: [{name: e, mountPath: /e}]\n"
                             "  volumes:\n"
                             "  - name: e\n"
                             "  - name: h\n    hostPath: {path: /h}\n"
                             "  - name: m\n    configMap: {name: m}\n"
                             "  - name: n1\n    nfs: {server: s, path: /p}\n");
    pod_default_tolerations(&arena, &p->spec);
    pod_prepare_for_create(&arena, p);
    CHECK_STR(printed(&p->object),
              "apiVersion: v1\nkind: Pod\nmetadata:\n  generation: 1\n  name: web\nspec:\n"
              "  containers:\n"
              "  - env:\n    - name: \"N\"\n      valueFrom:\n        fieldRef:\n          apiVersion: v1\n"
              "          fieldPath: metadata.name\n"
              "    image: nginx\n    imagePullPolicy: Always\n"
              "    livenessProbe:\n      failureThreshold: 3\n      httpGet:\n        path: /\n        port: 80\n"
              "        scheme: HTTP\n      periodSeconds: 10\n      successThreshold: 1\n      timeoutSeconds: 1\n"
              "    name: c\n    ports:\n    - containerPort: 80\n      protocol: TCP\n    resources: {}\n"
              "    terminationMessagePath: /dev/termination-log\n    terminationMessagePolicy: File\n"
              "    volumeMounts:\n    - mountPath: /e\n      name: e\n"
              "  dnsPolicy: ClusterFirst\n  enableServiceLinks: true\n"
              "  restartPolicy: Always\n  schedulerName: default-scheduler\n  securityContext: {}\n"
              "  terminationGracePeriodSeconds: 30\n"
              "  tolerations:\n"
              "  - effect: NoExecute\n    key: node.kubernetes.io/not-ready\n    operator: Exists\n    "
              "tolerationSeconds: 300\n"
              "  - effect: NoExecute\n    key: node.kubernetes.io/unreachable\n    operator: Exists\n    "
              "tolerationSeconds: 300\n"
              "  volumes:\n  - emptyDir: {}\n    name: e\n  - hostPath:\n      path: /h\n      type: \"\"\n    "
              "name: h\n"
              "  - configMap:\n      defaultMode: 420\n      name: m\n    name: m\n"
              "  - name: n1\n    nfs:\n      path: /p\n      server: s\n"
              "status:\n  phase: Pending\n  qosClass: BestEffort\n");
}

static void a_service_gets_the_defaults_of_the_api_server(void)
{
    struct api_object *o = read_first("apiVersion: v1\nkind: Service\nmetadata: {name: s}\n"
                                      "spec: {type: NodePort, selector: {app: a}, ports: [{port: 80}]}\n");
    CHECK_STR(printed(o),
              "apiVersion: v1\nkind: Service\nmetadata:\n  name: s\nspec:\n"
              "  externalTrafficPolicy: Cluster\n  internalTrafficPolicy: Cluster\n  ipFamilies:\n  - IPv4\n"
              "  ipFamilyPolicy: SingleStack\n  ports:\n  - port: 80\n    protocol: TCP\n    targetPort: 80\n"
              "  selector:\n    app: a\n  sessionAffinity: None\n  type: NodePort\nstatus:\n  loadBalancer: {}\n");
    CHECK(((struct service *)o)->spec.has_selector);
    CHECK(!((struct service *)read_first("apiVersion: v1\nkind: Service\nmetadata: {name: s}\n"
                                         "spec: {clusterIP: None}\n"))
               ->spec.has_selector);
}

static void pull_policy_follows_the_tag(void)
{
    static const struct {
        const char *image, *want;
    } rows[] = {
        {"nginx", "Always"},
        {"nginx:latest", "Always"},
        {"nginx:1.25", "IfNotPresent"},
        {"registry:5000/nginx", "Always"},
        {"registry:5000/nginx:1", "IfNotPresent"},
        {"nginx@sha256:0123", "IfNotPresent"},
        {"nginx:latest@sha256:0123", "IfNotPresent"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        tap_row("%s", rows[i].image);
        struct pod *p = read_pod(arena_printf(&arena, "  containers: [{name: c, image: '%s'}]\n", rows[i].image));
        CHECK_STR(p->spec.containers.items[0].image_pull_policy, rows[i].want);
    }
}

static void default_tolerations_are_added_unless_covered(void)
{
    static const struct {
        const char *tolerations;
        uint32_t want;
    } rows[] = {
        {"[]", 2},
        {"[{operator: Exists}]", 1},
        {"[{key: node.kubernetes.io/not-ready, operator: Exists, effect: NoExecute, tolerationSeconds: 5}]", 2},
        {"[{key: node.kubernetes.io/not-ready, operator: Exists, effect: NoSchedule}]", 3},
        {"[{key: node.kubernetes.io/unreachable, operator: Exists}, {key: a, operator: Exists}]", 3},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        tap_row("%s", rows[i].tolerations);
        struct pod *p = read_pod(
            arena_printf(&arena, "  tolerations: %s\n  containers: [{name: c, image: a}]\n", rows[i].tolerations));
        pod_default_tolerations(&arena, &p->spec);
        CHECK_UINT(p->spec.tolerations.count, rows[i].want);
    }
}

static void class_of_service(void)
{
    static const struct {
        const char *spec, *want;
    } rows[] = {
        {"containers: [{name: a, image: a}]", "BestEffort"},
        {"containers: [{name: a, image: a, resources: {requests: {cpu: 0}}}]", "BestEffort"},
        {"containers: [{name: a, image: a, resources: {requests: {example.com/x: 1}, limits: {example.com/x: "
         "1}}}]",
         "BestEffort"},
        {"containers: [{name: a, image: a, resources: {requests: {cpu: 1}}}]", "Burstable"},
        {"containers: [{name: a, image: a, resources: {limits: {cpu: 1, memory: 1Gi}}}]", "Guaranteed"},
        {"containers: [{name: a, image: a, resources: {limits: {cpu: 1}}}]", "Burstable"},
        {"containers: [{name: a, image: a, resources: {limits: {cpu: 1, memory: 1Gi}, requests: {cpu: "
         "500m}}}]",
         "Burstable"},
        {"containers: [{name: a, image: a, resources: {limits: {cpu: 1, memory: 1Gi}}}, {name: b, image: b}]",
         "Burstable"},
        {"containers: [{name: a, image: a, resources: {limits: {cpu: 1, memory: 1Gi}}}], "
         "initContainers: [{name: i, image: i}]",
         "Burstable"},
        {"containers: [{name: a, image: a}], resources: {limits: {cpu: 1, memory: 1Gi}}", "Guaranteed"},
        {"containers: [{name: a, image: a, resources: {limits: {cpu: 1, memory: 1Gi}}}], resources: "
         "{requests: {cpu: 2}}",
         "Burstable"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        tap_row("%s", rows[i].spec);
        CHECK_STR(pod_qos_class(&read_pod(arena_printf(&arena, "  {%s}\n", rows[i].spec))->spec), rows[i].want);
    }
}

/* api-objects.md 5.1: init 1 cpu; sidecar 200m; init 700m; main 500m is 1 cpu. */
static void effective_requests(void)
{
    static const struct {
        const char *spec;
        int64_t cpu, memory;
    } rows[] = {
        {"containers: [{name: m, image: a, resources: {requests: {cpu: 500m, memory: 1Ki}}}], "
         "initContainers: ["
         "{name: i, image: a, resources: {requests: {cpu: 1}}},"
         "{name: s, image: a, restartPolicy: Always, resources: {requests: {cpu: 200m, memory: 1Ki}}},"
         "{name: j, image: a, resources: {requests: {cpu: 700m, memory: 3Ki}}}]",
         1000, 4096},
        {"containers: [{name: m, image: a, resources: {requests: {cpu: 500m}}}, {name: n1, image: a, "
         "resources: {limits: {cpu: 1}}}]",
         1500, 0},
        {"containers: [{name: m, image: a, resources: {requests: {cpu: 500m}}}], resources: {requests: {cpu: "
         "3}}",
         3000, 0},
        {"containers: [{name: m, image: a, resources: {requests: {cpu: 1u}}}], overhead: {cpu: 10m, memory: "
         "1}",
         11, 1},
        {"containers: [{name: m, image: a, resources: {requests: {cpu: 500m}}}], resources: {limits: {cpu: "
         "3, memory: 1Mi}}",
         500, 1 << 20},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        tap_row("%zu", i);
        struct pod_requests r;
        pod_effective_requests(&arena, &read_pod(arena_printf(&arena, "  {%s}\n", rows[i].spec))->spec, &r);
        CHECK_INT(r.cpu_milli, rows[i].cpu);
        CHECK_INT(r.memory_bytes, rows[i].memory);
    }
    struct pod_requests r;
    pod_effective_requests(
        &arena,
        &read_pod("  {containers: [{name: m, image: a, resources: {limits: {example.com/x: 2, a.b/c: 1}}}]}\n")->spec,
        &r);
    CHECK_UINT(r.other.count, 2);
    CHECK_STR(r.other.items[1].key, "example.com/x");
    CHECK_STR(r.other.items[1].value.text, "2");
}

static void what_only_the_system_sets_is_dropped(void)
{
    struct api_object *o =
        read_first("apiVersion: v1\nkind: Pod\n"
                   "metadata: {name: web, uid: u, resourceVersion: '5', generation: 7, creationTimestamp: "
                   "2024-01-01T00:00:00Z,\n"
                   "  managedFields: [{manager: kubectl, fieldsV1: {f:spec: {}}}]}\n"
                   "spec: {containers: [{name: c, image: a}]}\n"
                   "status: {phase: Running, containerStatuses: [{name: c, state: {running: {}}}]}\n");
    struct pod *p = (struct pod *)o;
    CHECK_STR(o->meta.uid, NULL);
    CHECK_INT(o->meta.generation, 0);
    CHECK_INT(o->meta.creation_timestamp, SIM_NEVER);
    CHECK(o->meta.managed_fields == NULL);
    CHECK_STR(p->status.phase, NULL);
    CHECK_UINT(p->status.container_statuses.count, 0);
}

static void lists_are_unpacked(void)
{
    read_first("apiVersion: v1\nkind: List\nmetadata: {resourceVersion: ''}\nitems:\n"
               "- {apiVersion: v1, kind: ConfigMap, metadata: {name: c}, data: {a: b}}\n"
               "- {apiVersion: v1, kind: List, items: [{apiVersion: v1, kind: Namespace, metadata: {name: ns}}]}\n"
               "- {apiVersion: discovery.k8s.io/v1, kind: EndpointSlice, metadata: {name: e}, addressType: IPv4,\n"
               "   endpoints: [{addresses: [10.0.0.1]}], ports: []}\n");
    CHECK_UINT(objects.count, 3);
    read_first("{\"apiVersion\": \"v1\", \"kind\": \"Secret\", \"metadata\": {\"name\": \"s\"},\n"
               " \"data\": {\"a\": \"eA==\"}, \"stringData\": {\"a\": \"y\", \"b\": \"z\"}}");
    struct secret *s = *(struct secret **)pool_at(&objects, 0);
    CHECK_STR(str_map_get(&s->data, "a"), "y");
    CHECK_STR(str_map_get(&s->data, "b"), "z");
    CHECK_STR(s->type, "Opaque");
}

static void kinds_and_resources_are_found(void)
{
    CHECK_INT(kind_of("v1", "Pod"), KIND_POD);
    CHECK_INT(kind_of("v2", "Pod"), KIND_NONE);
    CHECK_INT(kind_of("discovery.k8s.io/v1", "EndpointSlice"), KIND_ENDPOINTSLICE);
    static const struct {
        const char *word;
        enum api_kind want;
    } rows[] = {
        {"po", KIND_POD},        {"pods", KIND_POD},
        {"Pod", KIND_POD},       {"svc", KIND_SERVICE},
        {"ep", KIND_ENDPOINTS},  {"endpointslices.discovery.k8s.io", KIND_ENDPOINTSLICE},
        {"cm", KIND_CONFIGMAP},  {"secrets", KIND_SECRET},
        {"no", KIND_NODE},       {"ns", KIND_NAMESPACE},
        {"ev", KIND_EVENT},      {"deploy", KIND_DEPLOYMENT},
        {"rs", KIND_REPLICASET}, {"rc", KIND_REPLICATIONCONTROLLER},
        {"sts", KIND_STATEFULSET}, {"ds", KIND_DAEMONSET}, {"ingress", KIND_NONE},      {"", KIND_NONE},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        tap_row("%s", rows[i].word);
        CHECK_INT(kind_of_resource(rows[i].word), rows[i].want);
    }
}

static void labels_match_when_all_pairs_are_there(void)
{
    struct str_pair have[] = {{"app", "web"}, {"tier", "front"}}, want[] = {{"app", "web"}}, other[] = {{"app", "db"}};
    str_map labels = {have, 2}, selector = {want, 1}, wrong = {other, 1}, none = {0};
    CHECK(labels_match(&selector, &labels));
    CHECK(!labels_match(&wrong, &labels));
    CHECK(labels_match(&none, &labels));
    CHECK(!labels_match(&selector, &none));
}

static void what_could_change_the_timeline_is_listed(void)
{
    struct pod *p =
        read_pod("  runtimeClassName: gvisor\n  priorityClassName: high\n"
                 "  containers:\n  - {name: a, image: a, tty: true, securityContext: {runAsUser: 0}}\n"
                 "  - {name: b, image: b, securityContext: {privileged: true}}\n"
                 "  volumes: [{name: v, persistentVolumeClaim: {claimName: c}}]\n  imagePullSecrets: [{name: s}]\n");
    str_list paths = {0};
    api_unmodelled(&pod_type, &arena, p->object.source, &paths);
    strbuf_reset(&out);
    for (uint32_t i = 0; i < paths.count; i++)
        strbuf_printf(&out, "%s\n", paths.items[i]);
    CHECK_STR(strbuf_str(&out), "spec.runtimeClassName\n"
                                "spec.containers.securityContext.privileged\n"
                                "spec.volumes.persistentVolumeClaim\n");
}

/* Every kind, with as many fields as a line holds. */
static void objects_survive_being_printed_and_read(void)
{
    static const char *const documents[] = {
        "{apiVersion: v1, kind: Pod, metadata: {name: p, labels: {a: '1', b: 'true'}, annotations: {x: "
        "\"line 1\\n  line 2\\n\", y: ''},"
        " ownerReferences: [{apiVersion: v1, kind: Node, name: n1, uid: u, controller: true}], finalizers: "
        "[a.b/c]},"
        " spec: {initContainers: [{name: s, image: a, restartPolicy: Always, startupProbe: {grpc: {port: "
        "5}}}],"
        " containers: [{name: c, image: a, command: ['y', \"a: b\", ''], args: [\"$(X)\"], env: [{name: X, "
        "value: '5'},"
        " {name: YY, valueFrom: {resourceFieldRef: {resource: limits.cpu}}}, {name: Z, valueFrom: "
        "{secretKeyRef: {name: s, key: k}}}],"
        " envFrom: [{prefix: P_, configMapRef: {name: m, optional: true}}], ports: [{name: web, "
        "containerPort: 80, hostPort: 81}],"
        " resources: {requests: {cpu: 100m, memory: 1.5Gi}, limits: {cpu: 1, memory: 2Gi}}, lifecycle: "
        "{preStop: {sleep: {seconds: 5}},"
        " postStart: {httpGet: {port: web, httpHeaders: [{name: H, value: v}]}}}, restartPolicy: Never,"
        " restartPolicyRules: [{action: Restart, exitCodes: {operator: In, values: [42]}}], stdin: true,"
        " securityContext: {capabilities: {add: [NET_ADMIN]}}, livenessProbe: {exec: {command: [cat, /x]}, "
        "terminationGracePeriodSeconds: 3}}],"
        " volumes: [{name: d, downwardAPI: {items: [{path: l, fieldRef: {fieldPath: metadata.labels}}]}},"
        " {name: j, projected: {sources: [{secret: {name: s, items: [{key: a, path: b, mode: 256}]}}, "
        "{serviceAccountToken: {path: t}}]}},"
        " {name: m, emptyDir: {medium: Memory, sizeLimit: 64Mi}}, {name: i, iscsi: {targetPortal: t, iqn: "
        "iqn.x, lun: 0}}],"
        " hostAliases: [{ip: 127.0.0.1, hostnames: [foo.local]}], readinessGates: [{conditionType: a.b/c}], "
        "nodeSelector: {disk: ssd},"
        " topologySpreadConstraints: [{maxSkew: 1, topologyKey: zone, whenUnsatisfiable: DoNotSchedule}], "
        "overhead: {cpu: 10m},"
        " tolerations: [{key: a, operator: Exists, effect: NoExecute, tolerationSeconds: 0}], "
        "activeDeadlineSeconds: 60}}",
        "{apiVersion: v1, kind: Service, metadata: {name: s}, spec: {type: LoadBalancer, ports: [{name: a, "
        "port: 80, targetPort: web,"
        " nodePort: 30080, appProtocol: http}, {name: b, port: 443, protocol: UDP}], sessionAffinity: "
        "ClientIP,"
        " sessionAffinityConfig: {clientIP: {timeoutSeconds: 5}}, publishNotReadyAddresses: true, "
        "externalIPs: [10.0.0.1]}}",
        "{apiVersion: discovery.k8s.io/v1, kind: EndpointSlice, metadata: {name: e, labels: "
        "{kubernetes.io/service-name: s}},"
        " addressType: IPv4, endpoints: [{addresses: [10.0.0.1], conditions: {ready: true, serving: true, "
        "terminating: false},"
        " targetRef: {kind: Pod, name: p, namespace: default, uid: u}, nodeName: n1, zone: z, hints: "
        "{forZones: [{name: z}]}}],"
        " ports: [{name: '', port: 80, protocol: TCP}]}",
        "{apiVersion: v1, kind: Endpoints, metadata: {name: e}, subsets: [{addresses: [{ip: 10.0.0.1}], "
        "ports: [{port: 80}]}]}",
        "{apiVersion: v1, kind: Node, metadata: {name: n1, labels: {zone: a}}, spec: {taints: [{key: k, "
        "effect: NoSchedule}],"
        " unschedulable: true, podCIDR: 10.1.0.0/24}, status: {capacity: {cpu: 4, memory: 16Gi, pods: 110},"
        " conditions: [{type: Ready, status: 'True'}], nodeInfo: {kubeletVersion: v1.36.0}, images: [{names: "
        "[a], sizeBytes: 5}]}}",
        "{apiVersion: v1, kind: Namespace, metadata: {name: n1}, spec: {finalizers: [kubernetes]}}",
        "{apiVersion: v1, kind: ConfigMap, metadata: {name: c}, data: {script: \"#!/bin/sh\\necho  "
        "\\\"hi\\\"\\n\"}, binaryData: {b: aGk=}, immutable: true}",
        "{apiVersion: v1, kind: Secret, metadata: {name: c}, data: {k: aGVsbG8K}, type: kubernetes.io/tls}",
        "{apiVersion: v1, kind: Event, metadata: {name: e}, involvedObject: {kind: Pod, name: p}, reason: "
        "Started, message: 'Container started',"
        " type: Normal, count: 2, firstTimestamp: 2024-01-01T00:00:00Z, eventTime: 2024-01-01T00:00:00.5Z, "
        "source: {component: kubelet}}",
    };
    for (size_t i = 0; i < ARRAY_LEN(documents); i++) {
        tap_row("%.40s", documents[i]);
        const struct api_object *first = read_first(documents[i]);
        if (!CHECK(first != NULL))
            continue;
        const struct api_type *type = kind_infos[first->kind].type;
        char *yaml = strdup(printed(first));
        const struct api_object *second = read_first(yaml);
        CHECK(second && api_equal(type, first, second));
        if (second)
            CHECK_STR(printed(second), yaml);
        strbuf_reset(&out);
        api_write_json(type, first, 0, &out, 4);
        char *json = strdup(strbuf_str(&out));
        const struct api_object *third = read_first(json);
        CHECK(third && api_equal(type, first, third));
        void *copy = arena_alloc(&arena, type->size);
        api_copy(type, &arena, first, copy);
        struct field_change *changes;
        CHECK_UINT(api_diff(type, &arena, first, copy, 0, &changes), 0);
        CHECK(api_diff(type, &arena, NULL, first, 0, &changes) > 3);
        free(json);
        free(yaml);
    }
}

/* No table names a field twice, and every field says what it is for. */
static void check_table(const struct api_type *type, int depth)
{
    for (uint32_t i = 0; i < type->field_count; i++) {
        const struct api_field *f = &type->fields[i];
        tap_row("%s.%s", type->name, f->name);
        CHECK(f->doc && f->doc[0] && f->doc[strlen(f->doc) - 1] == '.');
        for (uint32_t k = 0; k < i; k++)
            if (strcmp(type->fields[k].name, f->name) == 0)
                CHECK_STR(f->name, "a name of its own");
        bool inside = type->size == 0 || f->flags & FIELD_DROPPED || f->offset < type->size;
        CHECK(inside);
        if (f->type && depth < 12)
            check_table(f->type, depth + 1);
    }
}

static void tables_are_sound(void)
{
    for (enum api_kind k = KIND_NONE + 1; k < KIND_COUNT; k++)
        check_table(kind_infos[k].type, 0);
}

extern const struct cover_table cover_qos;

static void every_row_has_a_test(void) { check_rows(&cover_qos, NULL); }

int main(void)
{
    static const struct tap_test tests[] = {
        TAP_TEST(a_pod_gets_the_defaults_of_the_api_server),
        TAP_TEST(a_service_gets_the_defaults_of_the_api_server),
        TAP_TEST(pull_policy_follows_the_tag),
        TAP_TEST(default_tolerations_are_added_unless_covered),
        TAP_TEST(class_of_service),
        TAP_TEST(effective_requests),
        TAP_TEST(what_only_the_system_sets_is_dropped),
        TAP_TEST(lists_are_unpacked),
        TAP_TEST(kinds_and_resources_are_found),
        TAP_TEST(labels_match_when_all_pairs_are_there),
        TAP_TEST(what_could_change_the_timeline_is_listed),
        TAP_TEST(objects_survive_being_printed_and_read),
        TAP_TEST(tables_are_sound),
        TAP_TEST(every_row_has_a_test),
    };
    arena_init(&arena, 0);
    diag_init(&diags);
    int failed = tap_run(tests, ARRAY_LEN(tests));
    strbuf_fini(&out);
    diag_fini(&diags);
    arena_fini(&arena);
    return failed;
}
