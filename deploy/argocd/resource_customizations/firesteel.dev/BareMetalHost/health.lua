-- kstatus compliant: a BareMetalHost of firesteel.dev tells how it is by the conditions
-- Ready, Reconciling and Stalled.
local hs = {status = "Progressing", message = "Waiting for the controller"}
if obj.spec ~= nil and obj.spec.paused == true then
  return {status = "Suspended", message = "Paused by spec.paused"}
end
local annotations = obj.metadata.annotations or {}
local detached = annotations["firesteel.dev/detached"]
if detached ~= nil and detached ~= "false" then
  return {status = "Suspended", message = "Detached by the annotation firesteel.dev/detached"}
end
if obj.status == nil or obj.status.observedGeneration ~= obj.metadata.generation then
  return hs
end
if obj.status.state == "Paused" or obj.status.phase == "Paused" then
  return {status = "Suspended", message = "Its Cluster is paused"}
end
for _, condition in ipairs(obj.status.conditions or {}) do
  if condition.type == "Stalled" and condition.status == "True" then
    return {status = "Degraded", message = condition.message}
  end
  if condition.type == "Ready" then
    hs.message = condition.message
    if condition.status == "True" then
      hs.status = "Healthy"
    end
  end
end
return hs
