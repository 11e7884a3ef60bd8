{{/* firesteel.file (dict "root" $ "path" P): a manifest of deploy/base or deploy/components, for this
release's namespaces. Whatever needs no other value is taken from there as it is. */}}
{{- define "firesteel.file" -}}
{{- .root.Files.Get (printf "files/%s" .path)
  | replace "firesteel-system" .root.Release.Namespace
  | replace "firesteel-boot" .root.Values.bootd.namespace }}
{{- end }}

{{- define "firesteel.image" -}}
{{ .image.repository }}:{{ .image.tag | default .root.Chart.AppVersion }}
{{- end }}
