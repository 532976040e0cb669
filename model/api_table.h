/* api_table.h - how the field tables are written. OWNER is the C struct of the table that follows.
 *
 *     #define OWNER struct exec_action
 *     static const struct api_field exec_action_fields[] = {
 *         F(STRING_LIST, "command", command, 0, "The program and its arguments; no shell."),
 *     };
 *     #undef OWNER
 *     API_TYPE(exec_action, "ExecAction", struct exec_action, NULL, NULL, "Runs a command.");
 *
 *     F   a field          FD  with a default      FE  an enum       FV  with a validation
 *     FO  of another type  FR  kept raw            R, RO  inside a type that is only kept raw
 */
#ifndef MODEL_API_TABLE_H
#define MODEL_API_TABLE_H

#include "model/apitype.h"

#define F(kind_, json, member, flags_, doc_)                                                                 \
    {.name = json, .kind = FIELD_##kind_, .offset = offsetof(OWNER, member), .flags = flags_, .doc = doc_}
#define FD(kind_, json, member, default_, doc_)                                                              \
    {.name = json, .kind = FIELD_##kind_, .offset = offsetof(OWNER, member), .default_text = default_, .doc = doc_}
#define FV(kind_, json, member, flags_, validate_, doc_)                                                     \
    {.name = json, .kind = FIELD_##kind_, .offset = offsetof(OWNER, member), .flags = flags_,                \
     .validate = validate_, .doc = doc_}
#define FE(json, member, flags_, values_, default_, doc_)                                                    \
    {.name = json, .kind = FIELD_ENUM, .offset = offsetof(OWNER, member), .flags = flags_, .values = values_, \
     .default_text = default_, .doc = doc_}
#define FO(kind_, json, member, type_, flags_, doc_)                                                         \
    {.name = json, .kind = FIELD_##kind_, .offset = offsetof(OWNER, member), .type = &type_, .flags = flags_, \
     .doc = doc_}
#define FR(raw_, json, member, type_, flags_, doc_)                                                          \
    {.name = json, .kind = FIELD_RAW, .raw_kind = FIELD_##raw_, .offset = offsetof(OWNER, member), .type = type_, \
     .flags = flags_, .doc = doc_}
/* Known and checked, no member. */
#define FX(kind_, json, type_, flags_, doc_)                                                                 \
    {.name = json, .kind = FIELD_##kind_, .type = type_, .flags = (flags_) | FIELD_DROPPED, .doc = doc_}

#define R(kind_, json, doc_) {.name = json, .kind = FIELD_##kind_, .doc = doc_}
/* The same, accepted and not modelled. */
#define RN(kind_, json, doc_) {.name = json, .kind = FIELD_##kind_, .flags = FIELD_UNMODELLED, .doc = doc_}
#define RU(kind_, json, type_, doc_) {.name = json, .kind = FIELD_##kind_, .type = &type_, .flags = FIELD_UNMODELLED, .doc = doc_}
#define RO(kind_, json, type_, doc_) {.name = json, .kind = FIELD_##kind_, .type = &type_, .doc = doc_}

#define API_TYPE(var, go_name, owner, defaults_, validate_, doc_)                                            \
    const struct api_type var##_type = {.name = go_name,                                                     \
                                        .size = sizeof(owner),                                               \
                                        .fields = var##_fields,                                              \
                                        .field_count = ARRAY_LEN(var##_fields),                              \
                                        .set_defaults = defaults_,                                           \
                                        .validate = validate_,                                               \
                                        .doc = doc_}
/* A type that is only ever kept as it was parsed. */
#define API_RAW_TYPE(var, go_name, doc_)                                                                     \
    const struct api_type var##_type = {                                                                     \
        .name = go_name, .fields = var##_fields, .field_count = ARRAY_LEN(var##_fields), .doc = doc_}

#endif
