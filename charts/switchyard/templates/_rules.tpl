{{/*
What the operator may do in the namespaces that it looks at. It holds whatever it grants to routers and jobs (the
Roles of src/operator/specs/role.ts, plan-job.ts and drift-job.ts): nobody may grant what they do not have. No wildcard, and no Secrets.
*/}}
{{- define "switchyard.rules" -}}
- apiGroups: [switchyard.dev]
  resources: [modelbackends, modelroutes, tenantpolicies]
  verbs: [list, watch]
- apiGroups: [switchyard.dev]
  resources: [modelbackends/status, modelroutes/status, tenantpolicies/status]
  verbs: [patch]
# Anchors, published tables, and what teams label as plans, abilities, a classifier or a golden set. A
# group's anchor is deleted with its last route.
- apiGroups: [""]
  resources: [configmaps]
  verbs: [get, list, watch, create, patch, delete]
- apiGroups: [""]
  resources: [pods]
  verbs: [list, watch]
- apiGroups: [apps]
  resources: [deployments]
  verbs: [get, list, watch, create, patch]
- apiGroups: [policy]
  resources: [poddisruptionbudgets]
  verbs: [get, list, watch, create, patch]
# What follows is deleted where a class wants it no longer.
- apiGroups: [""]
  resources: [services, serviceaccounts]
  verbs: [get, list, watch, create, patch, delete]
- apiGroups: [batch]
  resources: [cronjobs]
  verbs: [get, list, watch, create, patch, delete]
- apiGroups: [autoscaling]
  resources: [horizontalpodautoscalers]
  verbs: [get, list, watch, create, patch, delete]
- apiGroups: [networking.k8s.io]
  resources: [networkpolicies]
  verbs: [get, list, watch, create, patch, delete]
- apiGroups: [rbac.authorization.k8s.io]
  resources: [roles, rolebindings]
  verbs: [get, list, watch, create, patch, delete]
# The operator watches what routers acknowledge; to make and renew them is for routers.
- apiGroups: [coordination.k8s.io]
  resources: [leases]
  verbs: [list, watch, create, patch]
- apiGroups: [events.k8s.io]
  resources: [events]
  verbs: [get, create, patch]
{{- end -}}
