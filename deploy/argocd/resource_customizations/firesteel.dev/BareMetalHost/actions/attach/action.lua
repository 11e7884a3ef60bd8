obj.metadata.annotations["firesteel.dev/detached"] = nil
if next(obj.metadata.annotations) == nil then
  obj.metadata.annotations = nil  -- or Argo CD would make a list of it
end
return obj
