// A program of client-go's informers, as controllers are made of them: typed ones, dynamic ones and ones of metadata alone. For
// each line on its standard input it prints one line of JSON: what every informer has in its cache.
package main

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"net/http"
	"os"
	"sort"
	"sync/atomic"

	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/dynamic/dynamicinformer"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/metadata"
	"k8s.io/client-go/metadata/metadatainformer"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/klog/v2"
)

const label = "clients.example.com/number"

// The version that `kubernetes.NewForConfig` speaks is told by its own types; these are asked for by name.
var (
	gadgets     = schema.GroupVersionResource{Group: "clients.example.com", Version: "v1", Resource: "gadgets"}
	configMaps  = schema.GroupVersionResource{Version: "v1", Resource: "configmaps"}
	deployments = schema.GroupVersionResource{Group: "apps", Version: "v1", Resource: "deployments"}
)

// counter counts requests as they go out; reflectors do not say how often they list.
type counter struct {
	next           http.RoundTripper
	lists, watches *atomic.Int64
	streamedLists  *atomic.Int64
	protocol       *atomic.Value
}

func (c counter) RoundTrip(request *http.Request) (*http.Response, error) {
	query := request.URL.Query()
	switch {
	case query.Get("sendInitialEvents") == "true":
		c.streamedLists.Add(1)
	case query.Get("watch") == "true":
		c.watches.Add(1)
	default:
		c.lists.Add(1)
	}
	response, err := c.next.RoundTrip(request)
	if err == nil && response.StatusCode == http.StatusOK {
		c.protocol.Store(response.Proto)
	}
	return response, err
}

type report struct {
	// By informer: whether it has synced once, and a line for each object.
	Synced        map[string]bool     `json:"synced"`
	Objects       map[string][]string `json:"objects"`
	Lists         int64               `json:"lists"`
	StreamedLists int64               `json:"streamedLists"`
	Watches       int64               `json:"watches"`
	Protocol      string              `json:"protocol"`
}

func main() {
	kubeconfig := flag.String("kubeconfig", "", "how to reach the server")
	namespace := flag.String("namespace", "default", "where objects are watched")
	klog.InitFlags(nil)
	flag.Parse()
	if err := run(*kubeconfig, *namespace); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(kubeconfig, namespace string) error {
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		return err
	}
	count := counter{
		lists: &atomic.Int64{}, watches: &atomic.Int64{}, streamedLists: &atomic.Int64{}, protocol: &atomic.Value{},
	}
	config.Wrap(func(next http.RoundTripper) http.RoundTripper {
		count.next = next
		return count
	})
	all, err := start(config, namespace)
	if err != nil {
		return err
	}
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		text, err := json.Marshal(describe(all, count))
		if err != nil {
			return err
		}
		fmt.Println(string(text))
	}
	return lines.Err()
}

// start makes and starts every informer; they run until the program ends.
func start(config *rest.Config, namespace string) (map[string]cache.SharedIndexInformer, error) {
	typed := rest.CopyConfig(config)
	typed.ContentType = "application/vnd.kubernetes.protobuf"
	typed.AcceptContentTypes = "application/vnd.kubernetes.protobuf,application/json"
	clients, err := kubernetes.NewForConfig(typed)
	if err != nil {
		return nil, err
	}
	dynamicClient, err := dynamic.NewForConfig(config)
	if err != nil {
		return nil, err
	}
	metadataClient, err := metadata.NewForConfig(config)
	if err != nil {
		return nil, err
	}
	ofTypes := informers.NewSharedInformerFactoryWithOptions(clients, 0, informers.WithNamespace(namespace))
	ofAny := dynamicinformer.NewFilteredDynamicSharedInformerFactory(dynamicClient, 0, namespace, nil)
	ofMetadata := metadatainformer.NewFilteredSharedInformerFactory(metadataClient, 0, namespace, nil)
	all := map[string]cache.SharedIndexInformer{
		"typed configmaps":    ofTypes.Core().V1().ConfigMaps().Informer(),
		"typed secrets":       ofTypes.Core().V1().Secrets().Informer(),
		"typed pods":          ofTypes.Core().V1().Pods().Informer(),
		"typed services":      ofTypes.Core().V1().Services().Informer(),
		"typed deployments":   ofTypes.Apps().V1().Deployments().Informer(),
		"dynamic gadgets":     ofAny.ForResource(gadgets).Informer(),
		"dynamic deployments": ofAny.ForResource(deployments).Informer(),
		"metadata gadgets":    ofMetadata.ForResource(gadgets).Informer(),
		"metadata configmaps": ofMetadata.ForResource(configMaps).Informer(),
	}
	forever := make(chan struct{})
	ofTypes.Start(forever)
	ofAny.Start(forever)
	ofMetadata.Start(forever)
	return all, nil
}

func describe(all map[string]cache.SharedIndexInformer, count counter) report {
	found := report{
		Synced:  map[string]bool{},
		Objects: map[string][]string{},
		Lists:   count.lists.Load(), StreamedLists: count.streamedLists.Load(), Watches: count.watches.Load(),
	}
	found.Protocol, _ = count.protocol.Load().(string)
	for name, informer := range all {
		lines := []string{}
		for _, object := range informer.GetStore().List() {
			lines = append(lines, lineOf(object))
		}
		sort.Strings(lines)
		found.Objects[name] = lines
		found.Synced[name] = informer.HasSynced()
	}
	return found
}

func lineOf(object any) string {
	kept, err := meta.Accessor(object.(runtime.Object))
	if err != nil {
		return err.Error()
	}
	return fmt.Sprintf("%s %s %s %s", kept.GetName(), kept.GetUID(), kept.GetResourceVersion(), kept.GetLabels()[label])
}
