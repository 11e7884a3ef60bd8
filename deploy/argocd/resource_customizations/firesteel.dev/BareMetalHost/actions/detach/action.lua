if obj.metadata.annotations == nil then
  obj.metadata.annotations = {}
end
obj.metadata.annotations["firesteel.dev/detached"] = "true"
return obj
