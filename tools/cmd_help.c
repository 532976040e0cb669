/* cmd_help.c - podsim help: commands, and topics that the model's own tables answer. */
#include <string.h>

#include "model/fault.h"
#include "model/image_doc.h"
#include "model/profile.h"
#include "tools/commands.h"
#include "tools/options_table.h"
#include "tools/output.h"

/* The table of latencies, from the model's own. */
static int help_profiles(void)
{
    strbuf_puts(&output, "What a step costs, by profile (--profile, or spec.timing.profile of a scenario):\n\n"
                         "  STEP                     instant  typical  jittered   WHAT IT IS\n");
    for (int h = 0; h < HOP_COUNT; h++) {
        const struct hop_info *hop = &hop_infos[h];
        struct strbuf typical = STRBUF_INIT;
        strbuf_go_duration(&typical, hop->typical);
        strbuf_printf(&output, "  %-24s %7d  %7s  +%d%% -%d%%%*s  %s\n", hop->name, (int)hop->instant,
                      strbuf_str(&typical), hop->jitter_percent, hop->jitter_percent / 2,
                      hop->jitter_percent >= 20 ? 0 : 2, "", hop->doc);
        strbuf_fini(&typical);
    }
    strbuf_puts(
        &output,
        "\n`ref` is the reference of the worked examples: all of these 0, relists at whole seconds, sync ticks\n"
        "half a second later, pods reach the kubelet 0.3 s after creation. `jittered` draws from the seed, each\n"
        "step of each object on its own, and gives the kubelet's tickers free phases. A scenario may say otherwise\n"
        "of single steps, e.g. `timing: {latencies: {sandboxCreate: 2s}}`.\n");
    return EXIT_OK;
}

static int help_faults(void)
{
    static const char *const operands[] = {[FAULT_OF_CLUSTER] = "",
                                           [FAULT_OF_POD] = " POD",
                                           [FAULT_OF_NODE] = " NODE",
                                           [FAULT_OF_IMAGE] = " IMAGE",
                                           [FAULT_OF_NEW_NODE] = " NAME"};
    strbuf_puts(&output, "What can befall a cluster, as actions of a scenario:\n\n"
                         "  actions:\n"
                         "  - at: 40s\n"
                         "    fault: container kill web --signal TERM\n\n");
    for (int i = 0; i < FAULT_KIND_COUNT; i++) {
        const struct fault_info *f = &fault_infos[i];
        strbuf_printf(&output, "  %s %s%s", f->object, f->verb, operands[f->operand]);
        for (int k = 0; k < FAULT_FLAG_COUNT; k++)
            if (f->flags & 1u << k)
                strbuf_printf(&output, " [%s %s]", fault_flags[k].usage, fault_flags[k].value);
        strbuf_printf(&output, "\n      %s\n", f->doc);
    }
    strbuf_puts(&output, "\nA NODE may be left out when there is only one.\n");
    return EXIT_OK;
}

static void help_feature(const struct feature_info *x)
{
    if (x->on == SINCE_NEVER)
        strbuf_printf(&output, "  off         %s\n", x->doc);
    else if (x->off && x->on > 1)
        strbuf_printf(&output, "  1.%d only   %s\n", x->on, x->doc);
    else
        strbuf_printf(&output, "  %s 1.%d  %s\n", x->off ? "until" : "since", x->off ? x->off - 1 : x->on, x->doc);
    if (*x->gate)
        strbuf_printf(&output, "              %s\n", x->gate);
}

static int help_features(void)
{
    strbuf_printf(&output,
                  "Kubernetes 1.%d to 1.%d are modelled (spec.kubernetesVersion of a scenario). Feature gates\n"
                  "(spec.featureGates), and when they are on by default:\n\n",
                  MINOR_OLDEST, MINOR_NEWEST);
    for (int i = 0; i < FEATURE_COUNT; i++)
        if (*feature_infos[i].gate)
            help_feature(&feature_infos[i]);
    strbuf_puts(&output, "\nWhat came with a version and cannot be set:\n\n");
    for (int i = 0; i < FEATURE_COUNT; i++)
        if (!*feature_infos[i].gate)
            help_feature(&feature_infos[i]);
    return EXIT_OK;
}

/* "path, port, status ..." */
static void put_field_names(const struct api_type *type)
{
    for (uint32_t i = 0; i < type->field_count; i++)
        strbuf_printf(&output, "%s%s", i ? ", " : "", type->fields[i].name);
}

static int help_behaviours(void)
{
    strbuf_puts(&output,
                "What containers do, said in a scenario ...\n\n"
                "  behaviours:\n"
                "  - pod: web-*\n"
                "    startup: {between: [5s, 20s]}\n"
                "    http: {path: /healthz, status: 500, from: 30s, for: 10s}\n\n"
                "... or in an annotation of the pod, `podsim.dev/behaviour` or `podsim.dev/behaviour.CONTAINER`:\n\n"
                "  annotations:\n"
                "    podsim.dev/behaviour: |\n"
                "      startup: 5s\n\n");
    for (uint32_t i = 0; i < behaviour_type.field_count; i++) {
        const struct api_field *f = &behaviour_type.fields[i];
        strbuf_printf(&output, "  %s\n      %s\n", f->name, f->doc);
        if (!f->type || f->type == &behaviour_type)
            continue;
        if (text_is(f->type->short_field, "exactly")) {
            strbuf_puts(&output,
                        "      A time such as 5s, or what it is drawn from: {between: [5s, 20s]}, {oneOf: [1s, 30s]},\n"
                        "      {around: 10s, spread: 2s}.\n");
            continue;
        }
        strbuf_puts(&output, "      Fields: ");
        put_field_names(f->type);
        if (f->type->short_field)
            strbuf_printf(&output, ".\n      A value alone is its `%s`", f->type->short_field);
        strbuf_puts(&output, ".\n");
    }
    strbuf_puts(&output, "\nA scenario's entry chooses containers by ");
    put_field_names(
        &(struct api_type){.fields = scenario_behaviour_type.fields,
                           .field_count = scenario_behaviour_type.field_count - behaviour_type.field_count});
    strbuf_puts(&output,
                ".\nThe whole story, with examples: podsim-scenario(5), BEHAVIOURS, and scenarios/behaviours.\n");
    return EXIT_OK;
}

static int help_image(const char *name)
{
    if (image_print(name, &output) == 0)
        return EXIT_OK;
    struct strbuf complaint = STRBUF_INIT;
    strbuf_printf(&complaint, "there is no image \"%s\" in the catalogue; see \"podsim help images\"", name);
    int code = output_usage_error(CMD_HELP, strbuf_str(&complaint));
    strbuf_fini(&complaint);
    return code;
}

static int help_images(void)
{
    strbuf_puts(&output,
                "Images that podsim knows. A name without registry stands for that image in every registry, and for\n"
                "every tag; any other image is a server that runs until it is stopped.\n\n");
    image_list(&output);
    strbuf_puts(
        &output,
        "\n`podsim help images NAME` prints what is known of one, as a document to be changed and given beside\n"
        "manifests, or under spec.images of a scenario: podsim-scenario(5).\n");
    return EXIT_OK;
}

static int help_diagnostics(void)
{
    static const char *const levels[] = {[DIAG_ERROR] = "error", [DIAG_WARNING] = "warning", [DIAG_NOTE] = "note"};
    strbuf_puts(&output, "What can be wrong with what podsim is given. The codes are stable.\n\n");
    for (int i = 0; i < CODE_COUNT; i++) {
        const struct diag_code_info *info = &diag_code_infos[i];
        strbuf_printf(&output, "  PS%d  %-8s %s\n      %s\n", info->number, levels[info->level], info->name, info->doc);
    }
    return EXIT_OK;
}

/* Beside the commands. */
static const struct {
    const char *name;
    int (*print)(void);
} topics[] = {{"profiles", help_profiles}, {"faults", help_faults},         {"features", help_features},
              {"images", help_images},     {"behaviours", help_behaviours}, {"diagnostics", help_diagnostics}};

const char *help_topic(uint32_t index) { return index < ARRAY_LEN(topics) ? topics[index].name : NULL; }

static int no_topic(const char *word)
{
    const char *names[CMD_COUNT + ARRAY_LEN(topics)];
    size_t count = 0;
    for (; count < CMD_COUNT; count++)
        names[count] = command_infos[count].name;
    for (size_t i = 0; i < ARRAY_LEN(topics); i++)
        names[count++] = topics[i].name;
    const char *close = diag_closest(word, names, count);
    struct strbuf complaint = STRBUF_INIT;
    strbuf_printf(&complaint, "there is no command or topic \"%s\" to explain", word);
    if (close)
        strbuf_printf(&complaint, "; did you mean \"%s\"?", close);
    int code = output_usage_error(CMD_HELP, strbuf_str(&complaint));
    strbuf_fini(&complaint);
    return code;
}

int cmd_help(const struct options *o)
{
    if (o->man) {
        options_manual(&output);
        return EXIT_OK;
    }
    if (o->subject && strcmp(o->topic, "images") == 0)
        return help_image(o->subject);
    if (o->subject) {
        struct strbuf complaint = STRBUF_INIT;
        strbuf_printf(&complaint, "help takes one topic, got \"%s\" and \"%s\"", o->topic, o->subject);
        int code = output_usage_error(CMD_HELP, strbuf_str(&complaint));
        strbuf_fini(&complaint);
        return code;
    }

    enum command_id topic = CMD_COUNT;
    for (size_t i = 0; o->topic && i < ARRAY_LEN(topics); i++)
        if (strcmp(o->topic, topics[i].name) == 0)
            return topics[i].print();
    if (o->topic && command_parse(o->topic, &topic) < 0)
        return no_topic(o->topic);
    options_help(topic, &output);
    return EXIT_OK;
}
