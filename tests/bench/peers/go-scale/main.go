// Command go-scale is the operator that tests/bench/scale compares Firesteel's controller with: as little as one
// can write on controller-runtime with its defaults that does a host's part of the work. It makes no Secrets,
// mirrors no files, checks no identities, and asks no workload cluster.
//
//	go-scale operate KUBECONFIG NAMESPACE FEED-ADDRESS
//	go-scale serve HTTP-ADDRESS FEED-ADDRESS
package main

import (
	"flag"
	"fmt"
	"os"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/tools/clientcmd"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"
	"sigs.k8s.io/controller-runtime/pkg/metrics/server"
)

func main() {
	flag.Parse()
	if err := run(flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(args []string) error {
	switch {
	case len(args) == 4 && args[0] == "operate":
		return operate(args[1], args[2], args[3])
	case len(args) == 3 && args[0] == "serve":
		return serve(args[1], args[2])
	}
	return fmt.Errorf("usage: go-scale operate KUBECONFIG NAMESPACE FEED-ADDRESS | serve HTTP-ADDRESS FEED-ADDRESS")
}

func operate(kubeconfig, namespace, feed string) error {
	ctrl.SetLogger(zap.New())
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		return err
	}
	config.QPS, config.Burst = -1, 0 // controller-runtime's default of 20 a second would be no contest
	scheme := runtime.NewScheme()
	addTypes(scheme)
	manager, err := ctrl.NewManager(config, ctrl.Options{
		Scheme:                        scheme,
		Cache:                         cache.Options{DefaultNamespaces: map[string]cache.Config{namespace: {}}},
		Metrics:                       server.Options{BindAddress: "0"},
		LeaderElection:                true,
		LeaderElectionID:              "go-scale",
		LeaderElectionNamespace:       namespace,
		LeaderElectionReleaseOnCancel: true,
	})
	if err != nil {
		return err
	}
	reconciler := &hostReconciler{client: manager.GetClient(), feed: newFeed(feed)}
	err = ctrl.NewControllerManagedBy(manager).For(&BareMetalHost{}).
		WithOptions(controller.Options{MaxConcurrentReconciles: 4}). // as many as Firesteel has
		Watches(&Cluster{}, reconciler.hostsOfCluster(manager.GetCache())).
		Complete(reconciler)
	if err != nil {
		return err
	}
	return manager.Start(ctrl.SetupSignalHandler())
}
