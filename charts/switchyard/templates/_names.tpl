{{/* The operator's objects. Routers' are named switchyard-CLASS, and may lie in the same namespace. */}}
{{- define "switchyard.operator" -}}
{{- $base := contains "switchyard" .Release.Name | ternary .Release.Name (printf "%s-switchyard" .Release.Name) -}}
{{- $name := printf "%s-operator" ($base | trunc 50 | trimSuffix "-") -}}
{{- range $class, $_ := .Values.classes -}}
{{- if eq $name (printf "switchyard-%s" $class) -}}
{{- fail (printf "classes.%s: its routers would be named as the operator is, %s: rename the class or the release" $class $name) -}}
{{- end -}}
{{- end -}}
{{- $name -}}
{{- end -}}

{{/* Objects that lie in no namespace: two releases in a cluster must not claim the same. */}}
{{- define "switchyard.clusterWide" -}}
{{- printf "%s.%s" (include "switchyard.operator" .) .Release.Namespace -}}
{{- end -}}

{{/* Where the leader's Lease lies: an operator of one namespace shows it to others there. */}}
{{- define "switchyard.leaseNamespace" -}}
{{- .Values.watchNamespace | default .Release.Namespace -}}
{{- end -}}

{{- define "switchyard.leaseName" -}}
{{- include (empty .Values.watchNamespace | ternary "switchyard.operator" "switchyard.clusterWide") . -}}
{{- end -}}

{{- define "switchyard.serviceAccount" -}}
{{- if .Values.serviceAccount.name -}}
{{- .Values.serviceAccount.name -}}
{{- else -}}
{{- .Values.serviceAccount.create | ternary (include "switchyard.operator" .) "default" -}}
{{- end -}}
{{- end -}}

{{- define "switchyard.selector" -}}
app.kubernetes.io/name: switchyard
app.kubernetes.io/instance: {{ .Release.Name | quote }}
app.kubernetes.io/component: operator
{{- end -}}

{{- define "switchyard.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | quote }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service | quote }}
{{ include "switchyard.selector" . }}
{{- end -}}

{{/* What the operator runs, and gives to routers. */}}
{{- define "switchyard.image" -}}
{{- $repository := required "image.repository: say where you pushed the image of this release" .Values.image.repository -}}
{{- if .Values.image.digest -}}
{{- printf "%s@%s" $repository .Values.image.digest -}}
{{- else -}}
{{- printf "%s:%s" $repository (.Values.image.tag | default .Chart.AppVersion) -}}
{{- end -}}
{{- end -}}

{{/* What jobs run: routers' image with DuckDB in it. */}}
{{- define "switchyard.jobsImage" -}}
{{- $repository := .Values.jobsImage.repository | default (printf "%s-jobs" .Values.image.repository) -}}
{{- if .Values.jobsImage.digest -}}
{{- printf "%s@%s" $repository .Values.jobsImage.digest -}}
{{- else -}}
{{- printf "%s:%s" $repository (.Values.jobsImage.tag | default .Values.image.tag | default .Chart.AppVersion) -}}
{{- end -}}
{{- end -}}

{{/* The file that src/operator/operator-config.ts reads. */}}
{{- define "switchyard.config" -}}
image: {{ include "switchyard.image" . | quote }}
jobsImage: {{ include "switchyard.jobsImage" . | quote }}
imagePullPolicy: {{ .Values.image.pullPolicy }}
{{- with .Values.imagePullSecrets }}
imagePullSecrets:
{{- range . }}
  - {{ .name | quote }}
{{- end }}
{{- end }}
{{- with .Values.watchNamespace }}
namespace: {{ . | quote }}
{{- end }}
leaseName: {{ include "switchyard.leaseName" . | quote }}
classes:
{{- toYaml .Values.classes | nindent 2 }}
{{- end -}}

{{/* Rules of a NetworkPolicy's egress, from [{cidr, ports}]. One without ports would allow them all. */}}
{{- define "switchyard.egress" -}}
{{- range . }}
{{- if .ports }}
- to:
    - ipBlock:
        cidr: {{ .cidr | quote }}
  ports:
{{- range .ports }}
    - port: {{ . }}
      protocol: TCP
{{- end }}
{{- end }}
{{- end }}
{{- end -}}
