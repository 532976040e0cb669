/* api_volume.c - the tables of volumes. What is modelled has content; any other source is accepted,
 * kept as it was written, and mounts empty.
 * k8s staging/src/k8s.io/api/core/v1/types.go, v1.36.
 */
#include "model/api_types.h"

#include "model/api_table.h"

static const char *const host_path_type_values[] = {
    "",     "BlockDevice",  "CharDevice", "Directory", "DirectoryOrCreate",
    "File", "FileOrCreate", "Socket",     NULL};

#define OWNER struct key_to_path
static const struct api_field key_to_path_fields[] = {
    F(STRING, "key", key, FIELD_ALWAYS | FIELD_REQUIRED, "Key of the object."),
    F(STRING, "path", path, FIELD_ALWAYS | FIELD_REQUIRED | FIELD_IDENTITY, "File to write it to."),
    F(OPT_INT32, "mode", mode, 0, "Permissions of the file."),
};
#undef OWNER
static API_TYPE(key_to_path, "KeyToPath", struct key_to_path, NULL, NULL, "A key and the file it goes to.");

#define OWNER struct config_map_volume
static const struct api_field config_map_volume_fields[] = {
    F(STRING, "name", name, 0, "Name of the ConfigMap."),
    FO(LIST, "items", items, key_to_path_type, 0, "Keys to write; all when not given."),
    FD(OPT_INT32, "defaultMode", default_mode, "420", "Permissions of the files."),
    F(OPT_BOOL, "optional", optional, 0, "May the ConfigMap be missing."),
};
static API_TYPE(config_map_volume, "ConfigMapVolumeSource", struct config_map_volume, NULL, NULL,
                "A ConfigMap as files.");
static const struct api_field secret_volume_fields[] = {
    F(STRING, "secretName", name, 0, "Name of the Secret."),
    FO(LIST, "items", items, key_to_path_type, 0, "Keys to write; all when not given."),
    FD(OPT_INT32, "defaultMode", default_mode, "420", "Permissions of the files."),
    F(OPT_BOOL, "optional", optional, 0, "May the Secret be missing."),
};
static API_TYPE(secret_volume, "SecretVolumeSource", struct config_map_volume, NULL, NULL,
                "A Secret as files.");
static const struct api_field config_map_projection_fields[] = {
    F(STRING, "name", name, 0, "Name of the ConfigMap."),
    FO(LIST, "items", items, key_to_path_type, 0, "Keys to write; all when not given."),
    F(OPT_BOOL, "optional", optional, 0, "May the ConfigMap be missing."),
};
static API_TYPE(config_map_projection, "ConfigMapProjection", struct config_map_volume, NULL, NULL,
                "A ConfigMap as files.");
static const struct api_field secret_projection_fields[] = {
    F(STRING, "name", name, 0, "Name of the Secret."),
    FO(LIST, "items", items, key_to_path_type, 0, "Keys to write; all when not given."),
    F(OPT_BOOL, "optional", optional, 0, "May the Secret be missing."),
};
static API_TYPE(secret_projection, "SecretProjection", struct config_map_volume, NULL, NULL,
                "A Secret as files.");
#undef OWNER

#define OWNER struct empty_dir_volume
static const struct api_field empty_dir_volume_fields[] = {
    F(STRING, "medium", medium, 0, "Memory for a tmpfs; the node's disk when not given."),
    F(QUANTITY, "sizeLimit", size_limit, 0, "Beyond it the pod is evicted."),
};
#undef OWNER
static API_TYPE(empty_dir_volume, "EmptyDirVolumeSource", struct empty_dir_volume, NULL, NULL,
                "An empty directory that lives as long as the pod.");

#define OWNER struct host_path_volume
static const struct api_field host_path_volume_fields[] = {
    F(STRING, "path", path, FIELD_ALWAYS | FIELD_REQUIRED, "Path on the node."),
    {.name = "type",
     .kind = FIELD_ENUM,
     .offset = offsetof(OWNER, type),
     .flags = FIELD_KEEP_EMPTY,
     .values = host_path_type_values,
     .default_text = "",
     .doc = "What must be there, or is created; no check when empty."},
};
#undef OWNER
static API_TYPE(host_path_volume, "HostPathVolumeSource", struct host_path_volume, NULL, NULL,
                "A file or directory of the node.");

#define OWNER struct downward_api_file
static const struct api_field downward_api_file_fields[] = {
    F(STRING, "path", path, FIELD_ALWAYS | FIELD_REQUIRED | FIELD_IDENTITY, "File to write."),
    FO(POINTER, "fieldRef", field_ref, object_field_selector_type, 0, "A field of the pod."),
    FO(POINTER, "resourceFieldRef", resource_field_ref, resource_field_selector_type, 0,
       "A request or limit."),
    F(OPT_INT32, "mode", mode, 0, "Permissions of the file."),
};
#undef OWNER
static API_TYPE(downward_api_file, "DownwardAPIVolumeFile", struct downward_api_file, NULL, NULL,
                "A fact about the pod as a file.");

#define OWNER struct downward_api_volume
static const struct api_field downward_api_volume_fields[] = {
    FO(LIST, "items", items, downward_api_file_type, 0, "The files."),
    FD(OPT_INT32, "defaultMode", default_mode, "420", "Permissions of the files."),
};
static API_TYPE(downward_api_volume, "DownwardAPIVolumeSource", struct downward_api_volume, NULL, NULL,
                "Facts about the pod as files.");
static const struct api_field downward_api_projection_fields[] = {
    FO(LIST, "items", items, downward_api_file_type, 0, "The files."),
};
static API_TYPE(downward_api_projection, "DownwardAPIProjection", struct downward_api_volume, NULL, NULL,
                "Facts about the pod as files.");
#undef OWNER

#define OWNER struct projection
static const struct api_field projection_fields[] = {
    FO(POINTER, "secret", secret, secret_projection_type, 0, "A Secret."),
    FO(POINTER, "downwardAPI", downward_api, downward_api_projection_type, 0, "Facts about the pod."),
    FO(POINTER, "configMap", config_map, config_map_projection_type, 0, "A ConfigMap."),
    FR(OBJECT, "serviceAccountToken", service_account_token, &service_account_token_projection_type,
       FIELD_UNMODELLED, "A token of the service account."),
    FR(OBJECT, "clusterTrustBundle", cluster_trust_bundle, &cluster_trust_bundle_projection_type,
       FIELD_UNMODELLED, "Certificates to trust."),
    FR(OBJECT, "podCertificate", pod_certificate, &pod_certificate_projection_type, FIELD_UNMODELLED,
       "A certificate made for the pod."),
};
#undef OWNER
static API_TYPE(projection, "VolumeProjection", struct projection, NULL, NULL,
                "One source of a projected volume.");

#define OWNER struct projected_volume
static const struct api_field projected_volume_fields[] = {
    FO(LIST, "sources", sources, projection_type, FIELD_ALWAYS, "What is put together."),
    FD(OPT_INT32, "defaultMode", default_mode, "420", "Permissions of the files."),
};
#undef OWNER
static API_TYPE(projected_volume, "ProjectedVolumeSource", struct projected_volume, NULL, NULL,
                "Several sources in one directory.");

#define OWNER                    struct volume
#define OTHER(json, type_, doc_) FR(OBJECT, json, other, &type_, FIELD_UNMODELLED | FIELD_SHARED, doc_)
static const struct api_field volume_fields[] = {
    F(STRING, "name", name, FIELD_ALWAYS | FIELD_IDENTITY, "Name, unique in the pod."),
    FO(POINTER, "emptyDir", empty_dir, empty_dir_volume_type, 0,
       "An empty directory that lives as long as the pod."),
    FO(POINTER, "hostPath", host_path, host_path_volume_type, 0, "A file or directory of the node."),
    FO(POINTER, "secret", secret, secret_volume_type, 0, "A Secret as files."),
    FO(POINTER, "downwardAPI", downward_api, downward_api_volume_type, 0, "Facts about the pod as files."),
    FO(POINTER, "configMap", config_map, config_map_volume_type, 0, "A ConfigMap as files."),
    FO(POINTER, "projected", projected, projected_volume_type, 0, "Several sources in one directory."),
    OTHER("persistentVolumeClaim", claim_volume_type, "A claim to storage."),
    OTHER("ephemeral", ephemeral_volume_type, "A claim that lives as long as the pod."),
    OTHER("csi", csi_volume_type, "A volume that a CSI driver makes for the pod."),
    OTHER("image", image_volume_type, "The files of an image."),
    OTHER("nfs", nfs_volume_type, "A directory of an NFS server."),
    OTHER("iscsi", iscsi_volume_type, "An iSCSI disk."),
    OTHER("fc", fc_volume_type, "A Fibre Channel disk."),
    OTHER("rbd", rbd_volume_type, "A Ceph block device."),
    OTHER("cephfs", ceph_fs_volume_type, "A Ceph file system."),
    OTHER("glusterfs", glusterfs_volume_type, "A GlusterFS volume."),
    OTHER("flexVolume", flex_volume_type, "A volume of an exec-based driver."),
    OTHER("cinder", cinder_volume_type, "A disk of OpenStack."),
    OTHER("flocker", flocker_volume_type, "A Flocker dataset."),
    OTHER("gcePersistentDisk", gce_volume_type, "A disk of Google's cloud."),
    OTHER("awsElasticBlockStore", aws_volume_type, "A disk of Amazon's cloud."),
    OTHER("azureFile", azure_file_volume_type, "A file share of Microsoft's cloud."),
    OTHER("azureDisk", azure_disk_volume_type, "A disk of Microsoft's cloud."),
    OTHER("gitRepo", git_repo_volume_type, "A git repository."),
    OTHER("vsphereVolume", vsphere_volume_type, "A virtual disk of vSphere."),
    OTHER("quobyte", quobyte_volume_type, "A Quobyte volume."),
    OTHER("photonPersistentDisk", photon_volume_type, "A disk of Photon."),
    OTHER("portworxVolume", portworx_volume_type, "A Portworx volume."),
    OTHER("scaleIO", scale_io_volume_type, "A ScaleIO volume."),
    OTHER("storageos", storage_os_volume_type, "A StorageOS volume."),
};
#undef OTHER
#undef OWNER
API_TYPE(volume, "Volume", struct volume, volume_set_defaults, NULL,
         "A directory that containers of the pod can share.");
