local paused = obj.spec ~= nil and obj.spec.paused == true
local annotation = obj.metadata.annotations ~= nil and obj.metadata.annotations["firesteel.dev/detached"]
local detached = annotation ~= nil and annotation ~= false and annotation ~= "false"
local actions = {}
actions["pause"] = {["disabled"] = paused, ["iconClass"] = "fa fa-fw fa-pause-circle"}
actions["resume"] = {["disabled"] = not paused, ["iconClass"] = "fa fa-fw fa-play-circle"}
actions["reprovision"] = {["disabled"] = paused or detached, ["iconClass"] = "fa fa-fw fa-recycle"}
actions["detach"] = {["disabled"] = detached, ["iconClass"] = "fa fa-fw fa-unlink"}
actions["attach"] = {["disabled"] = not detached, ["iconClass"] = "fa fa-fw fa-link"}
return actions
