#include "tests/cover/words.h"

#include <stdio.h>
#include <string.h>

#include "model/vocabulary.h"

COVER_TABLE(waiting, "reasons of waiting containers", "ContainerCreating", "PodInitializing", "ErrImagePull",
            "ImagePullBackOff", "ErrImageNeverPull", "SignatureValidationFailed", "RegistryUnavailable",
            "InvalidImageName", "CreateContainerConfigError", "CreateContainerError", "ImageInspectError",
            "RunContainerError", "PostStartHookError", "CrashLoopBackOff", "RestartingAllContainers");
COVER_TABLE(terminated, "reasons of terminated containers", "Completed", "Error", "OOMKilled", "StartError",
            "ContainerStatusUnknown", "RestartingAllContainers", "Unknown");
COVER_TABLE(pod, "status.reason of pods", "DeadlineExceeded", "OutOfpods", "OutOfcpu", "OutOfmemory",
            "OutOfephemeral-storage", "OutOfexample.com/gpu", "NodeAffinity", "NodePorts", "NodeShutdown",
            "PodOSNotSupported", "PodOSSelectorNodeLabelDoesNotMatch", "TaintToleration", "Preempting", "Evicted",
            "Terminated", "NodeLost"); /* written by hand: only old API servers said it */
COVER_TABLE(condition, "condition types and reasons", "PodScheduled Unschedulable", "PodScheduled SchedulingGated",
            "Initialized ContainersNotInitialized", "Initialized PodCompleted", "ContainersReady ContainersNotReady",
            "ContainersReady PodCompleted", "ContainersReady PodFailed", "Ready ContainersNotReady",
            "Ready PodCompleted", "Ready PodFailed", "Ready ReadinessGatesNotReady");
COVER_TABLE(event, "reasons of Events about pods", "Scheduled", "FailedScheduling", "Pulling", "Pulled", "Failed",
            "BackOff", "ErrImageNeverPull", "InspectFailed", "Created", "Started", "Killing", "Unhealthy",
            "ProbeWarning", "FailedMount", "FailedPostStartHook", "FailedPreStopHook", "LifecycleHTTPFallback",
            "SandboxChanged", "DeadlineExceeded", "OutOfpods", "OutOfcpu", "OutOfmemory", "OutOfephemeral-storage",
            "OutOfexample.com/gpu", "NodeAffinity", "NodePorts", "NodeShutdown", "PodOSNotSupported",
            "PodOSSelectorNodeLabelDoesNotMatch", "TaintToleration", "Preempting", "FailedCreatePodSandBox",
            "DNSConfigForming", "FailedKillPod", "Evicted", "NetworkNotReady", "ResizeStarted", "ResizeDeferred",
            "ResizeInfeasible", "ResizeCompleted", "ResizeError", "Preempted", "MultiplePodDisruptionBudgets",
            "NodeNotReady", "TaintManagerEviction", "PodPreset");

const struct cover_table *const word_tables[WORDS_COUNT] = {
    [WORDS_WAITING] = &cover_waiting,     [WORDS_TERMINATED] = &cover_terminated, [WORDS_POD] = &cover_pod,
    [WORDS_CONDITION] = &cover_condition, [WORDS_EVENT] = &cover_event,
};

struct missing { /* the first word that is not listed */
    const char *word;
    enum word_table table;
};

/* What runs say, spec.expect must take. */
static bool is_refused(enum word_table table, const char *word)
{
    static const enum vocabulary vocabularies[WORDS_COUNT] = {
        [WORDS_WAITING] = VOCABULARY_CONTAINER_REASONS,
        [WORDS_TERMINATED] = VOCABULARY_CONTAINER_REASONS,
        [WORDS_POD] = VOCABULARY_POD_REASONS,
        [WORDS_EVENT] = VOCABULARY_EVENTS,
    };
    /* conditions are listed with their reasons, which spec.expect does not have */
    return table != WORDS_CONDITION && vocabulary_meant(NULL, vocabularies[table], word) != NULL;
}

static void mark(struct missing *m, enum word_table table, const char *word)
{
    if (!word || !*word)
        return;
    const struct cover_table *t = word_tables[table];
    bool refused = is_refused(table, word);
    for (uint32_t i = 0; i < t->count && !refused; i++) {
        if (strcmp(t->rows[i], word) == 0) {
            t->hit[i] = 1;
            return;
        }
    }
    if (!m->word)
        *m = (struct missing){word, table};
}

static void mark_state(struct missing *m, const struct container_status *s)
{
    if (s->state.waiting)
        mark(m, WORDS_WAITING, s->state.waiting->reason);
    if (s->state.terminated)
        mark(m, WORDS_TERMINATED, s->state.terminated->reason);
    if (s->last_state.terminated)
        mark(m, WORDS_TERMINATED, s->last_state.terminated->reason);
}

/* Only the kubelet's and the scheduler's conditions; users may set any. */
static void mark_condition(struct missing *m, const struct pod_condition *c)
{
    static char word[128];
    static const char *const ours[] = {"PodScheduled", "PodReadyToStartContainers", "Initialized", "ContainersReady",
                                       "Ready"};
    for (size_t i = 0; c->reason && *c->reason && i < ARRAY_LEN(ours); i++) {
        if (strcmp(c->type, ours[i]) == 0) {
            snprintf(word, sizeof word, "%s %s", c->type, c->reason);
            mark(m, WORDS_CONDITION, word);
        }
    }
}

static void mark_pod(struct missing *m, const struct pod *p)
{
    const struct pod_status *s = &p->status;
    mark(m, WORDS_POD, s->reason);
    for (uint32_t i = 0; i < s->conditions.count; i++)
        mark_condition(m, &s->conditions.items[i]);
    for (uint32_t i = 0; i < s->init_container_statuses.count; i++)
        mark_state(m, &s->init_container_statuses.items[i]);
    for (uint32_t i = 0; i < s->container_statuses.count; i++)
        mark_state(m, &s->container_statuses.items[i]);
}

const char *words_mark(const struct api_object *o, enum word_table *ret_table)
{
    struct missing m = {0};
    if (o->kind == KIND_POD)
        mark_pod(&m, (const struct pod *)o);
    else if (o->kind == KIND_EVENT && strcmp(((const struct k8s_event *)o)->involved_object.kind, "Pod") == 0)
        mark(&m, WORDS_EVENT, ((const struct k8s_event *)o)->reason);
    else if (o->kind == KIND_EVENT && is_refused(WORDS_EVENT, ((const struct k8s_event *)o)->reason))
        m = (struct missing){((const struct k8s_event *)o)->reason, WORDS_EVENT};
    *ret_table = m.table;
    return m.word;
}
