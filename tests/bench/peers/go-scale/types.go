package main

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// The kinds of crds/, as far as the boot entry needs them and a bench object has them.

var group = schema.GroupVersion{Group: "firesteel.dev", Version: "v1alpha1"}

type Interface struct {
	Name        string   `json:"name,omitempty"`
	MACAddress  string   `json:"macAddress,omitempty"`
	Addresses   []string `json:"addresses,omitempty"`
	Gateway     string   `json:"gateway,omitempty"`
	Nameservers []string `json:"nameservers,omitempty"`
}

type Network struct {
	Interfaces []Interface `json:"interfaces,omitempty"`
	Initrd     string      `json:"initrd,omitempty"`
}

type Reference struct {
	Name string `json:"name"`
}

type BareMetalHostSpec struct {
	ClusterRef     *Reference        `json:"clusterRef,omitempty"`
	Role           string            `json:"role,omitempty"`
	BootMACAddress string            `json:"bootMACAddress"`
	Architecture   string            `json:"architecture,omitempty"`
	Hostname       string            `json:"hostname,omitempty"`
	Installation   string            `json:"installation,omitempty"`
	Network        *Network          `json:"network,omitempty"`
	Labels         map[string]string `json:"labels,omitempty"`
}

type BareMetalHostStatus struct {
	ObservedGeneration int64              `json:"observedGeneration,omitempty"`
	State              string             `json:"state,omitempty"`
	BootID             string             `json:"bootID,omitempty"`
	Conditions         []metav1.Condition `json:"conditions,omitempty"`
}

type BareMetalHost struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`
	Spec              BareMetalHostSpec   `json:"spec"`
	Status            BareMetalHostStatus `json:"status,omitempty"`
}

type BareMetalHostList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []BareMetalHost `json:"items"`
}

type OperatingSystem struct {
	Version         string   `json:"version"`
	BaseURL         string   `json:"baseURL,omitempty"`
	KernelArguments []string `json:"kernelArguments,omitempty"`
}

type ClusterSpec struct {
	KubernetesVersion string          `json:"kubernetesVersion"`
	OS                OperatingSystem `json:"os"`
}

type Cluster struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`
	Spec              ClusterSpec `json:"spec"`
}

type ClusterList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []Cluster `json:"items"`
}

func (in *BareMetalHost) DeepCopyInto(out *BareMetalHost) {
	*out = *in
	in.ObjectMeta.DeepCopyInto(&out.ObjectMeta)
	if in.Spec.ClusterRef != nil {
		reference := *in.Spec.ClusterRef
		out.Spec.ClusterRef = &reference
	}
	if in.Spec.Network != nil {
		network := *in.Spec.Network
		network.Interfaces = make([]Interface, len(in.Spec.Network.Interfaces))
		for i, nic := range in.Spec.Network.Interfaces {
			nic.Addresses = append([]string(nil), nic.Addresses...)
			nic.Nameservers = append([]string(nil), nic.Nameservers...)
			network.Interfaces[i] = nic
		}
		out.Spec.Network = &network
	}
	if in.Spec.Labels != nil {
		out.Spec.Labels = make(map[string]string, len(in.Spec.Labels))
		for key, value := range in.Spec.Labels {
			out.Spec.Labels[key] = value
		}
	}
	out.Status.Conditions = make([]metav1.Condition, len(in.Status.Conditions))
	for i := range in.Status.Conditions {
		in.Status.Conditions[i].DeepCopyInto(&out.Status.Conditions[i])
	}
}

func (in *BareMetalHost) DeepCopyObject() runtime.Object {
	out := new(BareMetalHost)
	in.DeepCopyInto(out)
	return out
}

func (in *BareMetalHostList) DeepCopyObject() runtime.Object {
	out := &BareMetalHostList{TypeMeta: in.TypeMeta, Items: make([]BareMetalHost, len(in.Items))}
	in.ListMeta.DeepCopyInto(&out.ListMeta)
	for i := range in.Items {
		in.Items[i].DeepCopyInto(&out.Items[i])
	}
	return out
}

func (in *Cluster) DeepCopyInto(out *Cluster) {
	*out = *in
	in.ObjectMeta.DeepCopyInto(&out.ObjectMeta)
	out.Spec.OS.KernelArguments = append([]string(nil), in.Spec.OS.KernelArguments...)
}

func (in *Cluster) DeepCopyObject() runtime.Object {
	out := new(Cluster)
	in.DeepCopyInto(out)
	return out
}

func (in *ClusterList) DeepCopyObject() runtime.Object {
	out := &ClusterList{TypeMeta: in.TypeMeta, Items: make([]Cluster, len(in.Items))}
	in.ListMeta.DeepCopyInto(&out.ListMeta)
	for i := range in.Items {
		in.Items[i].DeepCopyInto(&out.Items[i])
	}
	return out
}

func addTypes(scheme *runtime.Scheme) {
	scheme.AddKnownTypes(group, &BareMetalHost{}, &BareMetalHostList{}, &Cluster{}, &ClusterList{})
	metav1.AddToGroupVersion(scheme, group)
}
