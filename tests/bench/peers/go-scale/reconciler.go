package main

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"net"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
)

const (
	finalizer    = "firesteel.dev/finalizer"
	clusterIndex = "spec.clusterRef.name"
)

type hostReconciler struct {
	client client.Client
	feed   *feed
}

// An entry as bootd would hold it.
type entry struct {
	ID        string   `json:"id"`
	MAC       string   `json:"mac"`
	BootID    string   `json:"bootID"`
	Kernel    string   `json:"kernel,omitempty"`
	Initrd    string   `json:"initrd,omitempty"`
	Arguments []string `json:"arguments,omitempty"`
	Hold      string   `json:"hold,omitempty"`
}

func (r *hostReconciler) hostsOfCluster(indexer client.FieldIndexer) handler.EventHandler {
	_ = indexer.IndexField(context.Background(), &BareMetalHost{}, clusterIndex, func(object client.Object) []string {
		if reference := object.(*BareMetalHost).Spec.ClusterRef; reference != nil {
			return []string{reference.Name}
		}
		return nil
	})
	return handler.EnqueueRequestsFromMapFunc(func(ctx context.Context, cluster client.Object) []reconcile.Request {
		var hosts BareMetalHostList
		if r.client.List(ctx, &hosts, client.InNamespace(cluster.GetNamespace()), client.MatchingFields{clusterIndex: cluster.GetName()}) != nil {
			return nil
		}
		requests := make([]reconcile.Request, len(hosts.Items))
		for i := range hosts.Items {
			requests[i].NamespacedName = client.ObjectKeyFromObject(&hosts.Items[i])
		}
		return requests
	})
}

func (r *hostReconciler) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	var host BareMetalHost
	if err := r.client.Get(ctx, request.NamespacedName, &host); err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	var cluster Cluster
	if host.Spec.ClusterRef != nil {
		key := types.NamespacedName{Namespace: host.Namespace, Name: host.Spec.ClusterRef.Name}
		if err := r.client.Get(ctx, key, &cluster); client.IgnoreNotFound(err) != nil {
			return ctrl.Result{}, err
		}
	}
	before := host.DeepCopyObject().(*BareMetalHost)
	if controllerutil.AddFinalizer(&host, finalizer) {
		if err := r.client.Patch(ctx, &host, client.MergeFromWithOptions(before, client.MergeFromWithOptimisticLock{})); err != nil {
			return ctrl.Result{}, err
		}
		before = host.DeepCopyObject().(*BareMetalHost)
	}
	settle(&host)
	if !equality.Semantic.DeepEqual(before.Status, host.Status) {
		if err := r.client.Status().Patch(ctx, &host, client.MergeFromWithOptions(before, client.MergeFromWithOptimisticLock{})); err != nil {
			return ctrl.Result{}, err
		}
	}
	return ctrl.Result{}, r.feed.send(entryOf(&host, &cluster))
}

// The status that Firesteel gives a host that waits for its machine.
func settle(host *BareMetalHost) {
	const message = "power the machine on, or restart it, so that it boots from the network"
	status := &host.Status
	status.ObservedGeneration, status.State = host.Generation, "WaitingForBoot"
	if status.BootID == "" {
		id := make([]byte, 8)
		_, _ = rand.Read(id)
		status.BootID = hex.EncodeToString(id)
	}
	for _, condition := range []metav1.Condition{
		{Type: "Ready", Status: metav1.ConditionFalse, Reason: "WaitingForBoot", Message: message},
		{Type: "Reconciling", Status: metav1.ConditionTrue, Reason: "WaitingForBoot", Message: message},
		{Type: "Stalled", Status: metav1.ConditionFalse, Reason: "NotStalled"},
		{Type: "BootConfigured", Status: metav1.ConditionTrue, Reason: "Configured"},
		{Type: "Booted", Status: metav1.ConditionFalse, Reason: "WaitingForBoot"},
	} {
		condition.ObservedGeneration = host.Generation
		condition.LastTransitionTime = metav1.NewTime(time.Now().Truncate(time.Second))
		meta.SetStatusCondition(&status.Conditions, condition)
	}
}

func entryOf(host *BareMetalHost, cluster *Cluster) entry {
	result := entry{ID: host.Namespace + "/" + host.Name, MAC: host.Spec.BootMACAddress, BootID: host.Status.BootID}
	if cluster.Name == "" {
		result.Hold = "its cluster does not exist yet"
		return result
	}
	folder := "flatcar/" + cluster.Spec.OS.Version + "/" + host.Spec.Architecture + "-usr/"
	result.Kernel = folder + "flatcar_production_pxe.vmlinuz"
	result.Initrd = folder + "flatcar_production_pxe_image.cpio.gz"
	result.Arguments = append(append([]string(nil), cluster.Spec.OS.KernelArguments...), networkArguments(host)...)
	return result
}

func networkArguments(host *BareMetalHost) []string {
	if host.Spec.Network == nil || host.Spec.Network.Initrd != "static" {
		return nil
	}
	for _, nic := range host.Spec.Network.Interfaces {
		if len(nic.Addresses) == 0 {
			continue
		}
		address, network, err := net.ParseCIDR(nic.Addresses[0])
		if err != nil {
			continue
		}
		fields := append([]string{address.String(), "", nic.Gateway, net.IP(network.Mask).String(), host.Name, nic.Name, "none"}, nic.Nameservers...)
		return []string{"ifname=" + nic.Name + ":" + nic.MACAddress, "ip=" + strings.Join(fields, ":")}
	}
	return nil
}
