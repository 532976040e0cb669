/* api_meta.c - ObjectMeta and references between objects.
 * k8s staging/src/k8s.io/apimachinery/pkg/apis/meta/v1/types.go, v1.36.
 */
#include "model/api_types.h"

#include "model/api_table.h"

#define OWNER struct owner_reference
static const struct api_field owner_reference_fields[] = {
    F(STRING, "apiVersion", api_version, FIELD_ALWAYS, "API group and version of the owner."),
    F(STRING, "kind", kind, FIELD_ALWAYS, "Kind of the owner."),
    F(STRING, "name", name, FIELD_ALWAYS | FIELD_IDENTITY, "Name of the owner."),
    F(STRING, "uid", uid, FIELD_ALWAYS, "UID of the owner; the link holds for this very object only."),
    F(OPT_BOOL, "controller", controller, 0, "True for the one owner that manages this object."),
    F(OPT_BOOL, "blockOwnerDeletion", block_owner_deletion, 0,
      "Foreground deletion of the owner waits for this object."),
};
#undef OWNER
API_TYPE(owner_reference, "OwnerReference", struct owner_reference, NULL, NULL,
         "The object that this one belongs to and is garbage-collected with.");

#define OWNER struct object_reference
static const struct api_field object_reference_fields[] = {
    F(STRING, "kind", kind, 0, "Kind of the object."),
    F(STRING, "namespace", namespace_, 0, "Namespace of the object."),
    F(STRING, "name", name, 0, "Name of the object."),
    F(STRING, "uid", uid, 0, "UID of the object."),
    F(STRING, "apiVersion", api_version, 0, "API version of the object."),
    F(STRING, "resourceVersion", resource_version, 0, "Version of the object that is meant."),
    F(STRING, "fieldPath", field_path, 0, "A part of the object, such as spec.containers{web}."),
};
#undef OWNER
API_TYPE(object_reference, "ObjectReference", struct object_reference, NULL, NULL, "Names another object.");

#define OWNER struct object_meta
static const struct api_field managed_fields_fields[] = {
    R(STRING, "manager", "Who wrote the fields."),
    R(STRING, "operation", "Apply or Update."),
    R(STRING, "apiVersion", "Version that the fields are named in."),
    R(TIME, "time", "When the fields were last written."),
    R(STRING, "fieldsType", "Always FieldsV1."),
    R(RAW, "fieldsV1", "The set of fields."),
    R(STRING, "subresource", "Subresource that was written through."),
};
static API_RAW_TYPE(managed_fields, "ManagedFieldsEntry", "Fields that one client owns.");

static const struct api_field object_meta_fields[] = {
    F(STRING, "name", name, 0, "Name, unique per kind and namespace."),
    F(STRING, "generateName", generate_name, 0, "Prefix of a name that the API server completes."),
    F(STRING, "namespace", namespace_, 0, "Namespace; \"default\" when not given."),
    FR(LIST, "managedFields", managed_fields, &managed_fields_type, FIELD_READONLY,
       "Who owns which fields; kept by the API server."),
    F(STRING, "selfLink", self_link, FIELD_READONLY, "No longer set."),
    F(STRING, "uid", uid, FIELD_READONLY,
      "Identity of this very object; a new object of the same name has another."),
    F(STRING, "resourceVersion", resource_version, FIELD_READONLY, "Grows with every write of the object."),
    F(INT64, "generation", generation, FIELD_READONLY, "Grows with every change of the spec."),
    F(TIME, "creationTimestamp", creation_timestamp, FIELD_READONLY,
      "When the object was created, in whole seconds."),
    F(TIME, "deletionTimestamp", deletion_timestamp, FIELD_READONLY,
      "When the object is due to be gone; set by a graceful deletion."),
    F(OPT_INT64, "deletionGracePeriodSeconds", deletion_grace_period_seconds, FIELD_READONLY,
      "Seconds of grace that the deletion was given."),
    F(STRING_MAP, "labels", labels, 0, "Short keys and values that selectors match."),
    F(STRING_MAP, "annotations", annotations, 0, "Free keys and values for tools."),
    FO(LIST, "ownerReferences", owner_references, owner_reference_type, 0,
       "Objects that this one depends on."),
    F(STRING_LIST, "finalizers", finalizers, 0, "While any is listed, a deleted object does not go away."),
};
#undef OWNER
API_TYPE(object_meta, "ObjectMeta", struct object_meta, NULL, NULL, "What every object has.");
