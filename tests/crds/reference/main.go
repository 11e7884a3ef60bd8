// Asks the code of the real kubeadm, kube-apiserver and API validation about many values at once, for comparison with
// ours: reads one JSON request from standard input and answers each part of it in order, with "" for a value that they
// take and with what they say against it otherwise.
package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/pflag"
	v1 "k8s.io/api/core/v1"
	utilerrors "k8s.io/apimachinery/pkg/util/errors"
	"k8s.io/klog/v2"
	apiserver "k8s.io/kubernetes/cmd/kube-apiserver/app/options"
	"k8s.io/kubernetes/cmd/kubeadm/app/apis/kubeadm"
	"k8s.io/kubernetes/cmd/kubeadm/app/constants"
	"k8s.io/kubernetes/cmd/kubeadm/app/phases/controlplane"
	"k8s.io/kubernetes/cmd/kubeadm/app/util/config"
	core "k8s.io/kubernetes/pkg/apis/core"
	corev1 "k8s.io/kubernetes/pkg/apis/core/v1"
	"k8s.io/kubernetes/pkg/apis/core/validation"
)

type request struct {
	Kubeadm []string          // configurations, YAML
	Nodes   []json.RawMessage // Node objects
}

type answer struct {
	Kubeadm []string `json:"kubeadm"`
	Nodes   []string `json:"nodes"`
}

// The flags of one control-plane container, as kubeadm writes its static Pod.
func flagsOf(cfg *kubeadm.InitConfiguration, component string) []string {
	specs := controlplane.GetStaticPodSpecs(&cfg.ClusterConfiguration, &cfg.LocalAPIEndpoint, []kubeadm.EnvVar{})
	return specs[component].Spec.Containers[0].Command[1:]
}

// The authorities' files are on no machine yet; the key that kube-apiserver reads at once is one of ours.
func withOwnKey(arguments []string) []string {
	kept := []string{"--service-account-key-file=" + keyFile, "--service-account-signing-key-file=" + keyFile}
	for _, argument := range arguments {
		if !strings.Contains(argument, "=/etc/kubernetes/") {
			kept = append(kept, argument)
		}
	}
	return kept
}

// What kube-apiserver does with its flags before it listens.
func checkAPIServer(arguments []string) error {
	options := apiserver.NewServerRunOptions()
	flags := pflag.NewFlagSet("kube-apiserver", pflag.ContinueOnError)
	for _, set := range options.Flags().FlagSets {
		flags.AddFlagSet(set)
	}
	if err := flags.Parse(arguments); err != nil {
		return err
	}
	completed, err := options.Complete(context.Background())
	if err != nil {
		return err
	}
	return utilerrors.NewAggregate(completed.Validate())
}

// `kubeadm config validate`, and then what kubeadm would start.
func checkKubeadm(text string) error {
	if err := config.ValidateConfig([]byte(text), false, false); err != nil {
		return err
	}
	cfg, err := config.BytesToInitConfiguration([]byte(text), true)
	if err != nil {
		return err
	}
	if err := checkAPIServer(withOwnKey(flagsOf(cfg, constants.KubeAPIServer))); err != nil {
		return fmt.Errorf("kube-apiserver: %w", err)
	}
	return nil
}

func checkNode(text []byte) error {
	var external v1.Node
	if err := json.Unmarshal(text, &external); err != nil {
		return err
	}
	var node core.Node
	if err := corev1.Convert_v1_Node_To_core_Node(&external, &node, nil); err != nil {
		return err
	}
	return validation.ValidateNode(&node).ToAggregate()
}

// One that panics has refused, too.
func say(check func() error) (text string) {
	defer func() {
		if problem := recover(); problem != nil {
			text = fmt.Sprint("panic: ", problem)
		}
	}()
	if err := check(); err != nil {
		if err.Error() == "" {
			err = errors.New("refused without a word")
		}
		return err.Error()
	}
	return ""
}

// The file with a new key of a service-account authority.
func makeKey() (string, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return "", err
	}
	der, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		return "", err
	}
	file, err := os.CreateTemp("", "kubernetes-reference-")
	if err != nil {
		return "", err
	}
	defer file.Close()
	return file.Name(), pem.Encode(file, &pem.Block{Type: "EC PRIVATE KEY", Bytes: der})
}

var keyFile string

func main() {
	klog.LogToStderr(false)
	klog.SetOutput(io.Discard)
	var err error
	if keyFile, err = makeKey(); err != nil {
		fmt.Fprintln(os.Stderr, "kubernetes-reference:", err)
		os.Exit(1)
	}
	defer os.Remove(keyFile)
	var asked request
	if err := json.NewDecoder(os.Stdin).Decode(&asked); err != nil {
		fmt.Fprintln(os.Stderr, "kubernetes-reference:", err)
		os.Exit(1)
	}
	told := answer{Kubeadm: []string{}, Nodes: []string{}}
	for _, text := range asked.Kubeadm {
		told.Kubeadm = append(told.Kubeadm, say(func() error { return checkKubeadm(text) }))
	}
	for _, text := range asked.Nodes {
		told.Nodes = append(told.Nodes, say(func() error { return checkNode(text) }))
	}
	if err := json.NewEncoder(os.Stdout).Encode(told); err != nil {
		os.Exit(1)
	}
}
