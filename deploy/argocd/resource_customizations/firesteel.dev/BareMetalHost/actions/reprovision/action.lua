-- Any text that was not there before: a version of the object is one.
obj.spec.reinstall = "argocd-" .. obj.metadata.resourceVersion
return obj
