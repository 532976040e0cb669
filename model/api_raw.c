/* api_raw.c - types that podsim knows in full but does not model: their documents are checked for
 * unknown fields and wrong types, kept as they were written, and printed back.
 * k8s staging/src/k8s.io/api/core/v1/types.go, v1.36.
 */
#include "model/api_types.h"

#include "model/api_table.h"

static const struct api_field local_object_reference_fields[] = {
    R(STRING, "name", "Name of the object."),
};
API_RAW_TYPE(local_object_reference, "LocalObjectReference", "Names an object of the same namespace.");

static const struct api_field typed_local_object_reference_fields[] = {
    R(STRING, "apiGroup", "API group of the object."),
    R(STRING, "kind", "Kind of the object."),
    R(STRING, "name", "Name of the object."),
};
static API_RAW_TYPE(typed_local_object_reference, "TypedLocalObjectReference",
                    "Names an object of any kind in the same namespace.");

static const struct api_field typed_object_reference_fields[] = {
    R(STRING, "apiGroup", "API group of the object."),
    R(STRING, "kind", "Kind of the object."),
    R(STRING, "name", "Name of the object."),
    R(STRING, "namespace", "Namespace of the object."),
};
static API_RAW_TYPE(typed_object_reference, "TypedObjectReference", "Names an object of any kind.");

static const struct api_field condition_fields[] = {
    R(STRING, "type", "What the condition is about."),
    R(STRING, "status", "True, False or Unknown."),
    R(INT64, "observedGeneration", "Generation of the spec that was looked at."),
    R(TIME, "lastTransitionTime", "When the status last changed."),
    R(STRING, "reason", "Cause of the last change, one word."),
    R(STRING, "message", "Details for people."),
};
API_RAW_TYPE(condition, "Condition", "A condition of an object's status.");

/* ---- scheduling ---- */

static const struct api_field node_selector_requirement_fields[] = {
    R(STRING, "key", "Label or field that the condition is about."),
    R(STRING, "operator", "In, NotIn, Exists, DoesNotExist, Gt or Lt."),
    R(STRING_LIST, "values", "Values to compare with."),
};
static API_RAW_TYPE(node_selector_requirement, "NodeSelectorRequirement",
                    "One condition on a node's labels or fields.");

static const struct api_field node_selector_term_fields[] = {
    RO(LIST, "matchExpressions", node_selector_requirement_type, "Conditions on labels."),
    RO(LIST, "matchFields", node_selector_requirement_type, "Conditions on fields of the node."),
};
static API_RAW_TYPE(node_selector_term, "NodeSelectorTerm", "Conditions of which all must hold.");

static const struct api_field node_selector_fields[] = {
    RO(LIST, "nodeSelectorTerms", node_selector_term_type, "The terms."),
};
static API_RAW_TYPE(node_selector, "NodeSelector", "Terms of which one must hold.");

static const struct api_field preferred_scheduling_term_fields[] = {
    R(INT32, "weight", "Points, 1 to 100."),
    RO(OBJECT, "preference", node_selector_term_type, "The term."),
};
static API_RAW_TYPE(preferred_scheduling_term, "PreferredSchedulingTerm", "A term that earns a node points.");

static const struct api_field node_affinity_fields[] = {
    RO(OBJECT, "requiredDuringSchedulingIgnoredDuringExecution", node_selector_type,
       "Nodes that it may run on."),
    RO(LIST, "preferredDuringSchedulingIgnoredDuringExecution", preferred_scheduling_term_type,
       "Nodes that are better."),
};
static API_RAW_TYPE(node_affinity, "NodeAffinity", "Which nodes a pod may or should run on.");

static const struct api_field pod_affinity_term_fields[] = {
    RO(OBJECT, "labelSelector", label_selector_type, "Which pods."),
    R(STRING_LIST, "namespaces", "Namespaces to look for them in."),
    R(STRING, "topologyKey", "Node label whose equal values mean near."),
    RO(OBJECT, "namespaceSelector", label_selector_type, "Namespaces to look for them in, by label."),
    R(STRING_LIST, "matchLabelKeys", "Labels whose value must be this pod's own."),
    R(STRING_LIST, "mismatchLabelKeys", "Labels whose value must differ from this pod's own."),
};
static API_RAW_TYPE(pod_affinity_term, "PodAffinityTerm", "Pods to be near to, or away from.");

static const struct api_field weighted_pod_affinity_term_fields[] = {
    R(INT32, "weight", "Points, 1 to 100."),
    RO(OBJECT, "podAffinityTerm", pod_affinity_term_type, "The term."),
};
static API_RAW_TYPE(weighted_pod_affinity_term, "WeightedPodAffinityTerm",
                    "A term that earns a node points.");

static const struct api_field pod_affinity_fields[] = {
    RO(LIST, "requiredDuringSchedulingIgnoredDuringExecution", pod_affinity_term_type,
       "Terms that must hold."),
    RO(LIST, "preferredDuringSchedulingIgnoredDuringExecution", weighted_pod_affinity_term_type,
       "Terms that are better."),
};
static API_RAW_TYPE(pod_affinity, "PodAffinity", "Pods to be near to.");

static const struct api_field pod_anti_affinity_fields[] = {
    RO(LIST, "requiredDuringSchedulingIgnoredDuringExecution", pod_affinity_term_type,
       "Terms that must hold."),
    RO(LIST, "preferredDuringSchedulingIgnoredDuringExecution", weighted_pod_affinity_term_type,
       "Terms that are better."),
};
static API_RAW_TYPE(pod_anti_affinity, "PodAntiAffinity", "Pods to be away from.");

static const struct api_field affinity_fields[] = {
    RO(OBJECT, "nodeAffinity", node_affinity_type, "By the nodes' labels."),
    RO(OBJECT, "podAffinity", pod_affinity_type, "Near other pods."),
    RO(OBJECT, "podAntiAffinity", pod_anti_affinity_type, "Away from other pods."),
};
API_RAW_TYPE(affinity, "Affinity", "Where a pod may or should run.");

static const struct api_field topology_spread_constraint_fields[] = {
    R(INT32, "maxSkew", "How many more pods one part may have than the emptiest."),
    R(STRING, "topologyKey", "Node label whose values name the parts."),
    R(STRING, "whenUnsatisfiable", "DoNotSchedule or ScheduleAnyway."),
    RO(OBJECT, "labelSelector", label_selector_type, "Pods that are counted."),
    R(INT32, "minDomains", "Parts there must be for the emptiest to count as it is."),
    R(STRING, "nodeAffinityPolicy", "Honor or Ignore the pod's node affinity when counting."),
    R(STRING, "nodeTaintsPolicy", "Honor or Ignore taints when counting."),
    R(STRING_LIST, "matchLabelKeys", "Labels whose value must be this pod's own."),
};
API_RAW_TYPE(topology_spread_constraint, "TopologySpreadConstraint",
             "How evenly pods are spread over parts of the cluster.");

static const struct api_field pod_scheduling_group_fields[] = {
    R(STRING, "podGroupName", "Name of the group."),
};
API_RAW_TYPE(pod_scheduling_group, "PodSchedulingGroup", "The group that a pod is scheduled with.");

/* ---- security ---- */

static const struct api_field se_linux_options_fields[] = {
    R(STRING, "user", "SELinux user."),
    R(STRING, "role", "SELinux role."),
    R(STRING, "type", "SELinux type."),
    R(STRING, "level", "SELinux level."),
};
static API_RAW_TYPE(se_linux_options, "SELinuxOptions", "SELinux label of a process.");

static const struct api_field windows_options_fields[] = {
    R(STRING, "gmsaCredentialSpecName", "Name of a credential spec."),
    R(STRING, "gmsaCredentialSpec", "The credential spec itself."),
    R(STRING, "runAsUserName", "Windows user to run as."),
    R(BOOL, "hostProcess", "Run on the host itself."),
};
static API_RAW_TYPE(windows_options, "WindowsSecurityContextOptions", "Settings of containers on Windows.");

static const struct api_field seccomp_profile_fields[] = {
    R(STRING, "type", "Localhost, RuntimeDefault or Unconfined."),
    R(STRING, "localhostProfile", "File of a Localhost profile."),
};
static API_RAW_TYPE(seccomp_profile, "SeccompProfile", "Filter of system calls.");

static const struct api_field app_armor_profile_fields[] = {
    R(STRING, "type", "Localhost, RuntimeDefault or Unconfined."),
    R(STRING, "localhostProfile", "Name of a Localhost profile."),
};
static API_RAW_TYPE(app_armor_profile, "AppArmorProfile", "AppArmor confinement.");

static const struct api_field sysctl_fields[] = {
    R(STRING, "name", "Name of the parameter."),
    R(STRING, "value", "Its value."),
};
static API_RAW_TYPE(sysctl, "Sysctl", "A kernel parameter.");

static const struct api_field pod_security_context_fields[] = {
    RU(OBJECT, "seLinuxOptions", se_linux_options_type, "SELinux label."),
    RU(OBJECT, "windowsOptions", windows_options_type, "Settings on Windows."),
    R(INT64, "runAsUser", "User ID of the processes."),
    RN(INT64, "runAsGroup", "Group ID of the processes."),
    R(BOOL, "runAsNonRoot", "Refuse to run as root."),
    RN(INT_LIST, "supplementalGroups", "More group IDs of the processes."),
    RN(STRING, "supplementalGroupsPolicy", "Merge with the image's groups, or Strict."),
    RN(INT64, "fsGroup", "Group that volumes are made to belong to."),
    RU(LIST, "sysctls", sysctl_type, "Kernel parameters."),
    RN(STRING, "fsGroupChangePolicy", "When ownership of volumes is changed: Always or OnRootMismatch."),
    RU(OBJECT, "seccompProfile", seccomp_profile_type, "Filter of system calls."),
    RU(OBJECT, "appArmorProfile", app_armor_profile_type, "AppArmor confinement."),
    RN(STRING, "seLinuxChangePolicy", "How volumes get their label: Recursive or MountOption."),
};
API_RAW_TYPE(pod_security_context, "PodSecurityContext", "Users, groups and confinement of the whole pod.");

static const struct api_field capabilities_fields[] = {
    R(STRING_LIST, "add", "Capabilities to add."),
    R(STRING_LIST, "drop", "Capabilities to drop."),
};
static API_RAW_TYPE(capabilities, "Capabilities", "Linux capabilities.");

static const struct api_field security_context_fields[] = {
    RU(OBJECT, "capabilities", capabilities_type, "Capabilities to add and drop."),
    RN(BOOL, "privileged", "Run with the rights of the host's root."),
    RU(OBJECT, "seLinuxOptions", se_linux_options_type, "SELinux label."),
    RU(OBJECT, "windowsOptions", windows_options_type, "Settings on Windows."),
    R(INT64, "runAsUser", "User ID of the process."),
    RN(INT64, "runAsGroup", "Group ID of the process."),
    R(BOOL, "runAsNonRoot", "Refuse to run as root."),
    R(BOOL, "readOnlyRootFilesystem", "The image's files cannot be changed."),
    RN(BOOL, "allowPrivilegeEscalation", "May processes gain more rights than their parent."),
    RN(STRING, "procMount", "Default or Unmasked /proc."),
    RU(OBJECT, "seccompProfile", seccomp_profile_type, "Filter of system calls."),
    RU(OBJECT, "appArmorProfile", app_armor_profile_type, "AppArmor confinement."),
};
API_RAW_TYPE(security_context, "SecurityContext", "Users, privileges and confinement of one container.");

/* ---- other parts of pods ---- */

static const struct api_field pod_dns_config_option_fields[] = {
    R(STRING, "name", "Name of the option."),
    R(STRING, "value", "Its value."),
};
static API_RAW_TYPE(pod_dns_config_option, "PodDNSConfigOption", "One option of the resolver.");

static const struct api_field pod_dns_config_fields[] = {
    R(STRING_LIST, "nameservers", "Addresses of name servers."),
    R(STRING_LIST, "searches", "Domains to search."),
    RO(LIST, "options", pod_dns_config_option_type, "Resolver options."),
};
API_RAW_TYPE(pod_dns_config, "PodDNSConfig", "Settings of the resolver.");

static const struct api_field pod_os_fields[] = {
    R(STRING, "name", "linux or windows."),
};
API_RAW_TYPE(pod_os, "PodOS", "Operating system of a pod.");

static const struct api_field pod_resource_claim_fields[] = {
    R(STRING, "name", "Name within the pod."),
    R(STRING, "resourceClaimName", "Existing claim."),
    R(STRING, "resourceClaimTemplateName", "Template to make a claim from."),
};
API_RAW_TYPE(pod_resource_claim, "PodResourceClaim", "A claim to a device that containers may use.");

static const struct api_field resource_claim_fields[] = {
    R(STRING, "name", "Name of the claim in the pod."),
    R(STRING, "request", "One request of the claim; all when not given."),
};
API_RAW_TYPE(resource_claim, "ResourceClaim", "Use of one of the pod's claims.");

static const struct api_field container_resize_policy_fields[] = {
    R(STRING, "resourceName", "cpu or memory."),
    R(STRING, "restartPolicy", "NotRequired or RestartContainer."),
};
API_RAW_TYPE(container_resize_policy, "ContainerResizePolicy",
             "What a change of resources in place does to a container.");

static const struct api_field volume_device_fields[] = {
    R(STRING, "name", "Name of a volume of the pod."),
    R(STRING, "devicePath", "Path of the device in the container."),
};
API_RAW_TYPE(volume_device, "VolumeDevice", "A raw block volume seen as a device.");

static const struct api_field file_key_selector_fields[] = {
    R(STRING, "volumeName", "Volume that holds the file."),
    R(STRING, "path", "Path of the file in it."),
    R(STRING, "key", "Name in the file."),
    R(BOOL, "optional", "May the file or the name be missing."),
};
API_RAW_TYPE(file_key_selector, "FileKeySelector", "A variable from a file in a volume.");


/* ---- sources of projected volumes ---- */

static const struct api_field service_account_token_projection_fields[] = {
    R(STRING, "audience", "Whom the token is meant for."),
    R(INT64, "expirationSeconds", "How long it is valid."),
    R(STRING, "path", "File to write it to."),
};
API_RAW_TYPE(service_account_token_projection, "ServiceAccountTokenProjection",
             "A token of the pod's service account.");

static const struct api_field cluster_trust_bundle_projection_fields[] = {
    R(STRING, "name", "One bundle by name."),
    R(STRING, "signerName", "All bundles of a signer."),
    RO(OBJECT, "labelSelector", label_selector_type, "Which bundles of the signer."),
    R(BOOL, "optional", "May there be none."),
    R(STRING, "path", "File to write them to."),
};
API_RAW_TYPE(cluster_trust_bundle_projection, "ClusterTrustBundleProjection", "Certificates to trust.");

static const struct api_field pod_certificate_projection_fields[] = {
    R(STRING, "signerName", "Who signs it."),
    R(STRING, "keyType", "Kind of key."),
    R(INT32, "maxExpirationSeconds", "Longest validity."),
    R(STRING, "credentialBundlePath", "File for key and certificates."),
    R(STRING, "keyPath", "File for the key."),
    R(STRING, "certificateChainPath", "File for the certificates."),
    R(STRING_MAP, "userAnnotations", "Passed on to the signer."),
};
API_RAW_TYPE(pod_certificate_projection, "PodCertificateProjection", "A certificate made for the pod.");

/* ---- volumes that are accepted and stay empty ---- */

static const struct api_field gce_volume_fields[] = {
    R(STRING, "pdName", "Name of the disk."),
    R(STRING, "fsType", "File system on it."),
    R(INT32, "partition", "Partition to mount."),
    R(BOOL, "readOnly", "Mount it read-only."),
};
API_RAW_TYPE(gce_volume, "GCEPersistentDiskVolumeSource", "A disk of Google's cloud.");

static const struct api_field aws_volume_fields[] = {
    R(STRING, "volumeID", "ID of the disk."),
    R(STRING, "fsType", "File system on it."),
    R(INT32, "partition", "Partition to mount."),
    R(BOOL, "readOnly", "Mount it read-only."),
};
API_RAW_TYPE(aws_volume, "AWSElasticBlockStoreVolumeSource", "A disk of Amazon's cloud.");

static const struct api_field git_repo_volume_fields[] = {
    R(STRING, "repository", "URL of the repository."),
    R(STRING, "revision", "Commit to check out."),
    R(STRING, "directory", "Directory to clone into."),
};
API_RAW_TYPE(git_repo_volume, "GitRepoVolumeSource", "A git repository; no longer supported by kubelets.");

static const struct api_field nfs_volume_fields[] = {
    R(STRING, "server", "Host name or address of the server."),
    R(STRING, "path", "Exported directory."),
    R(BOOL, "readOnly", "Mount it read-only."),
};
API_RAW_TYPE(nfs_volume, "NFSVolumeSource", "A directory of an NFS server.");

static const struct api_field iscsi_volume_fields[] = {
    R(STRING, "targetPortal", "Address of the target."),
    R(STRING, "iqn", "Name of the target."),
    R(INT32, "lun", "Number of the disk."),
    R(STRING, "iscsiInterface", "Interface to use."),
    R(STRING, "fsType", "File system on it."),
    R(BOOL, "readOnly", "Mount it read-only."),
    R(STRING_LIST, "portals", "More addresses of the target."),
    R(BOOL, "chapAuthDiscovery", "Authenticate discovery."),
    R(BOOL, "chapAuthSession", "Authenticate the session."),
    RO(OBJECT, "secretRef", local_object_reference_type, "Secret for authentication."),
    R(STRING, "initiatorName", "Name to present."),
};
API_RAW_TYPE(iscsi_volume, "ISCSIVolumeSource", "An iSCSI disk.");

static const struct api_field glusterfs_volume_fields[] = {
    R(STRING, "endpoints", "Endpoints object of the servers."),
    R(STRING, "path", "Name of the volume."),
    R(BOOL, "readOnly", "Mount it read-only."),
};
API_RAW_TYPE(glusterfs_volume, "GlusterfsVolumeSource",
             "A GlusterFS volume; no longer supported by kubelets.");

static const struct api_field claim_volume_fields[] = {
    R(STRING, "claimName", "Name of the claim."),
    R(BOOL, "readOnly", "Mount it read-only."),
};
API_RAW_TYPE(claim_volume, "PersistentVolumeClaimVolumeSource", "A claim to storage of the same namespace.");

static const struct api_field rbd_volume_fields[] = {
    R(STRING_LIST, "monitors", "Addresses of monitors."),
    R(STRING, "image", "Name of the image."),
    R(STRING, "fsType", "File system on it."),
    R(STRING, "pool", "Name of the pool."),
    R(STRING, "user", "Name of the user."),
    R(STRING, "keyring", "Path of the keyring."),
    RO(OBJECT, "secretRef", local_object_reference_type, "Secret for authentication."),
    R(BOOL, "readOnly", "Mount it read-only."),
};
API_RAW_TYPE(rbd_volume, "RBDVolumeSource", "A Ceph block device.");

static const struct api_field flex_volume_fields[] = {
    R(STRING, "driver", "Name of the driver."),
    R(STRING, "fsType", "File system to mount."),
    RO(OBJECT, "secretRef", local_object_reference_type, "Secret handed to the driver."),
    R(BOOL, "readOnly", "Mount it read-only."),
    R(STRING_MAP, "options", "Options handed to the driver."),
};
API_RAW_TYPE(flex_volume, "FlexVolumeSource", "A volume of an exec-based driver.");

static const struct api_field cinder_volume_fields[] = {
    R(STRING, "volumeID", "ID of the disk."),
    R(STRING, "fsType", "File system on it."),
    R(BOOL, "readOnly", "Mount it read-only."),
    RO(OBJECT, "secretRef", local_object_reference_type, "Secret for authentication."),
};
API_RAW_TYPE(cinder_volume, "CinderVolumeSource", "A disk of OpenStack.");

static const struct api_field ceph_fs_volume_fields[] = {
    R(STRING_LIST, "monitors", "Addresses of monitors."),
    R(STRING, "path", "Directory to mount."),
    R(STRING, "user", "Name of the user."),
    R(STRING, "secretFile", "Path of the key file."),
    RO(OBJECT, "secretRef", local_object_reference_type, "Secret for authentication."),
    R(BOOL, "readOnly", "Mount it read-only."),
};
API_RAW_TYPE(ceph_fs_volume, "CephFSVolumeSource", "A Ceph file system.");

static const struct api_field flocker_volume_fields[] = {
    R(STRING, "datasetName", "Name of the dataset."),
    R(STRING, "datasetUUID", "UUID of the dataset."),
};
API_RAW_TYPE(flocker_volume, "FlockerVolumeSource", "A Flocker dataset; no longer supported by kubelets.");

static const struct api_field fc_volume_fields[] = {
    R(STRING_LIST, "targetWWNs", "Names of the targets."),
    R(INT32, "lun", "Number of the disk."),
    R(STRING, "fsType", "File system on it."),
    R(BOOL, "readOnly", "Mount it read-only."),
    R(STRING_LIST, "wwids", "IDs of the disk."),
};
API_RAW_TYPE(fc_volume, "FCVolumeSource", "A Fibre Channel disk.");

static const struct api_field azure_file_volume_fields[] = {
    R(STRING, "secretName", "Secret with account and key."),
    R(STRING, "shareName", "Name of the share."),
    R(BOOL, "readOnly", "Mount it read-only."),
};
API_RAW_TYPE(azure_file_volume, "AzureFileVolumeSource", "A file share of Microsoft's cloud.");

static const struct api_field vsphere_volume_fields[] = {
    R(STRING, "volumePath", "Path of the disk."),
    R(STRING, "fsType", "File system on it."),
    R(STRING, "storagePolicyName", "Name of the storage policy."),
    R(STRING, "storagePolicyID", "ID of the storage policy."),
};
API_RAW_TYPE(vsphere_volume, "VsphereVirtualDiskVolumeSource", "A virtual disk of vSphere.");

static const struct api_field quobyte_volume_fields[] = {
    R(STRING, "registry", "Addresses of the registry."),
    R(STRING, "volume", "Name of the volume."),
    R(BOOL, "readOnly", "Mount it read-only."),
    R(STRING, "user", "User to mount as."),
    R(STRING, "group", "Group to mount as."),
    R(STRING, "tenant", "Tenant that owns the volume."),
};
API_RAW_TYPE(quobyte_volume, "QuobyteVolumeSource", "A Quobyte volume; no longer supported by kubelets.");

static const struct api_field azure_disk_volume_fields[] = {
    R(STRING, "diskName", "Name of the disk."),
    R(STRING, "diskURI", "URI of the disk."),
    R(STRING, "cachingMode", "None, ReadOnly or ReadWrite."),
    R(STRING, "fsType", "File system on it."),
    R(BOOL, "readOnly", "Mount it read-only."),
    R(STRING, "kind", "Shared, Dedicated or Managed."),
};
API_RAW_TYPE(azure_disk_volume, "AzureDiskVolumeSource", "A disk of Microsoft's cloud.");

static const struct api_field photon_volume_fields[] = {
    R(STRING, "pdID", "ID of the disk."),
    R(STRING, "fsType", "File system on it."),
};
API_RAW_TYPE(photon_volume, "PhotonPersistentDiskVolumeSource",
             "A disk of Photon; no longer supported by kubelets.");

static const struct api_field portworx_volume_fields[] = {
    R(STRING, "volumeID", "ID of the volume."),
    R(STRING, "fsType", "File system on it."),
    R(BOOL, "readOnly", "Mount it read-only."),
};
API_RAW_TYPE(portworx_volume, "PortworxVolumeSource", "A Portworx volume.");

static const struct api_field scale_io_volume_fields[] = {
    R(STRING, "gateway", "Address of the gateway."),
    R(STRING, "system", "Name of the storage system."),
    RO(OBJECT, "secretRef", local_object_reference_type, "Secret for authentication."),
    R(BOOL, "sslEnabled", "Talk to the gateway with TLS."),
    R(STRING, "protectionDomain", "Name of the protection domain."),
    R(STRING, "storagePool", "Name of the pool."),
    R(STRING, "storageMode", "ThickProvisioned or ThinProvisioned."),
    R(STRING, "volumeName", "Name of the volume."),
    R(STRING, "fsType", "File system on it."),
    R(BOOL, "readOnly", "Mount it read-only."),
};
API_RAW_TYPE(scale_io_volume, "ScaleIOVolumeSource", "A ScaleIO volume; no longer supported by kubelets.");

static const struct api_field storage_os_volume_fields[] = {
    R(STRING, "volumeName", "Name of the volume."),
    R(STRING, "volumeNamespace", "Its namespace in StorageOS."),
    R(STRING, "fsType", "File system on it."),
    R(BOOL, "readOnly", "Mount it read-only."),
    RO(OBJECT, "secretRef", local_object_reference_type, "Secret for authentication."),
};
API_RAW_TYPE(storage_os_volume, "StorageOSVolumeSource",
             "A StorageOS volume; no longer supported by kubelets.");

static const struct api_field csi_volume_fields[] = {
    R(STRING, "driver", "Name of the driver."),
    R(BOOL, "readOnly", "Mount it read-only."),
    R(STRING, "fsType", "File system to mount."),
    R(STRING_MAP, "volumeAttributes", "Handed to the driver."),
    RO(OBJECT, "nodePublishSecretRef", local_object_reference_type, "Secret handed to the driver."),
};
API_RAW_TYPE(csi_volume, "CSIVolumeSource", "A volume that a CSI driver makes for the pod.");

static const struct api_field volume_resource_requirements_fields[] = {
    R(QUANTITY_MAP, "limits", "The most."),
    R(QUANTITY_MAP, "requests", "The least."),
};
static API_RAW_TYPE(volume_resource_requirements, "VolumeResourceRequirements",
                    "How much storage is wanted.");

static const struct api_field persistent_volume_claim_spec_fields[] = {
    R(STRING_LIST, "accessModes", "ReadWriteOnce, ReadOnlyMany, ReadWriteMany, ReadWriteOncePod."),
    RO(OBJECT, "selector", label_selector_type, "Which volumes will do."),
    RO(OBJECT, "resources", volume_resource_requirements_type, "How much is wanted."),
    R(STRING, "volumeName", "The volume that is bound."),
    R(STRING, "storageClassName", "Class that provides it."),
    R(STRING, "volumeMode", "Filesystem or Block."),
    RO(OBJECT, "dataSource", typed_local_object_reference_type, "What it starts as a copy of."),
    RO(OBJECT, "dataSourceRef", typed_object_reference_type, "What it starts as a copy of."),
    R(STRING, "volumeAttributesClassName", "Class of attributes that can be changed later."),
};
API_RAW_TYPE(persistent_volume_claim_spec, "PersistentVolumeClaimSpec", "What storage is wanted.");

static const struct api_field persistent_volume_claim_template_fields[] = {
    RO(OBJECT, "metadata", object_meta_type, "Labels and annotations of the claim."),
    RO(OBJECT, "spec", persistent_volume_claim_spec_type, "What storage is wanted."),
};
static API_RAW_TYPE(persistent_volume_claim_template, "PersistentVolumeClaimTemplate",
                    "A claim made with the pod.");

static const struct api_field ephemeral_volume_fields[] = {
    RO(OBJECT, "volumeClaimTemplate", persistent_volume_claim_template_type, "The claim."),
};
API_RAW_TYPE(ephemeral_volume, "EphemeralVolumeSource", "A claim that lives as long as the pod.");

static const struct api_field image_volume_fields[] = {
    R(STRING, "reference", "Name of the image."),
    R(STRING, "pullPolicy", "Always, Never or IfNotPresent."),
};
API_RAW_TYPE(image_volume, "ImageVolumeSource", "The files of an image.");

/* ---- parts of a pod's status that podsim does not keep ---- */

static const struct api_field image_volume_status_fields[] = {
    R(STRING, "imageRef", "Digest of the image."),
};
static API_RAW_TYPE(image_volume_status, "ImageVolumeStatus", "An image that is mounted.");

static const struct api_field volume_status_fields[] = {
    RO(OBJECT, "image", image_volume_status_type, "Of an image volume."),
};
static API_RAW_TYPE(volume_status, "VolumeStatus", "State of a mounted volume.");

static const struct api_field volume_mount_status_fields[] = {
    R(STRING, "name", "Name of the volume."),
    R(STRING, "mountPath", "Path in the container."),
    R(BOOL, "readOnly", "Mounted read-only."),
    R(STRING, "recursiveReadOnly", "Disabled, IfPossible or Enabled."),
    RO(OBJECT, "volumeStatus", volume_status_type, "State of the volume."),
};
API_RAW_TYPE(volume_mount_status, "VolumeMountStatus", "A volume mount as it came out.");

static const struct api_field linux_container_user_fields[] = {
    R(INT64, "uid", "User ID."),
    R(INT64, "gid", "Group ID."),
    R(INT_LIST, "supplementalGroups", "More group IDs."),
};
static API_RAW_TYPE(linux_container_user, "LinuxContainerUser", "User and groups of a process.");

static const struct api_field container_user_fields[] = {
    RO(OBJECT, "linux", linux_container_user_type, "On Linux."),
};
API_RAW_TYPE(container_user, "ContainerUser", "Whom a container runs as.");

static const struct api_field resource_health_fields[] = {
    R(STRING, "resourceID", "ID of the device."),
    R(STRING, "health", "Healthy, Unhealthy or Unknown."),
    R(STRING, "message", "Details."),
};
static API_RAW_TYPE(resource_health, "ResourceHealth", "Health of a device.");

static const struct api_field resource_status_fields[] = {
    R(STRING, "name", "Name of the resource."),
    RO(LIST, "resources", resource_health_type, "Its devices."),
};
API_RAW_TYPE(resource_status, "ResourceStatus", "Health of the devices of one resource.");

static const struct api_field pod_resource_claim_status_fields[] = {
    R(STRING, "name", "Name within the pod."),
    R(STRING, "resourceClaimName", "Name of the claim."),
};
API_RAW_TYPE(pod_resource_claim_status, "PodResourceClaimStatus", "A claim as it was made.");

static const struct api_field container_extended_resource_request_fields[] = {
    R(STRING, "containerName", "Container that asks."),
    R(STRING, "resourceName", "Resource it asks for."),
    R(STRING, "requestName", "Request in the claim."),
};
static API_RAW_TYPE(container_extended_resource_request, "ContainerExtendedResourceRequest",
                    "Which request serves an extended resource.");

static const struct api_field pod_extended_resource_claim_status_fields[] = {
    RO(LIST, "requestMappings", container_extended_resource_request_type,
       "Which request serves which container."),
    R(STRING, "resourceClaimName", "Name of the claim."),
};
API_RAW_TYPE(pod_extended_resource_claim_status, "PodExtendedResourceClaimStatus",
             "The claim made for extended resources.");

static const struct api_field node_allocatable_resource_claim_status_fields[] = {
    R(STRING, "resourceClaimName", "Name of the claim."),
    R(STRING_LIST, "containers", "Containers that use it."),
    R(QUANTITY_MAP, "resources", "How much it takes."),
};
API_RAW_TYPE(node_allocatable_resource_claim_status, "NodeAllocatableResourceClaimStatus",
             "Node resources that a claim takes.");
