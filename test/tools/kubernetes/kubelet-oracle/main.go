// kubelet-oracle answers, with the kubelet's own code, which credentials a pod's pull secrets yield for an image.
//
// Standard input holds one JSON question a line:
//
//	{"secrets": [{"name", "type", "data": {key: base64}}], "images": ["quay.io/acme/app:1"]}
//
// Standard output gets one line an answer, a list with one element an image, in the order asked:
//
//	{"image", "repository", "candidates": [{"secret", "key", "effectiveKey", "usable"}], "error"?: code}
//
// Candidates stand in the order of one run of the kubelet. Those of one secret with the same effective key come in
// random order, since Go ranges over a map. Nothing of this machine is read: the node's own keyring is empty.
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"reflect"

	v1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/kubernetes/pkg/credentialprovider"
	"k8s.io/kubernetes/pkg/credentialprovider/secrets"
	"k8s.io/kubernetes/pkg/util/parsers"
)

type secret struct {
	Name string            `json:"name"`
	Type v1.SecretType     `json:"type"`
	Data map[string][]byte `json:"data"`
}

type question struct {
	Secrets []secret `json:"secrets"`
	Images  []string `json:"images"`
}

type candidate struct {
	Secret       string `json:"secret"`
	Key          string `json:"key"`
	EffectiveKey string `json:"effectiveKey"`
	Usable       bool   `json:"usable"`
}

type answer struct {
	Image      string      `json:"image"`
	Repository *string     `json:"repository"`
	Candidates []candidate `json:"candidates"`
	Error      string      `json:"error,omitempty"`
}

func main() {
	// The keyring logs each key that is no URL; a panic still reaches the real standard error.
	os.Stderr, _ = os.Open(os.DevNull)
	questions, answers := json.NewDecoder(os.Stdin), json.NewEncoder(os.Stdout)
	for {
		var asked question
		if err := questions.Decode(&asked); err == io.EOF {
			return
		} else if err != nil {
			panic(fmt.Sprintf("kubelet-oracle: reading a question: %v", err))
		}
		if err := answers.Encode(answerAll(asked)); err != nil {
			panic(fmt.Sprintf("kubelet-oracle: writing an answer: %v", err))
		}
	}
}

func answerAll(asked question) []answer {
	listed := make([]v1.Secret, 0, len(asked.Secrets))
	for _, s := range asked.Secrets {
		listed = append(listed, v1.Secret{ObjectMeta: metav1.ObjectMeta{Name: s.Name}, Type: s.Type, Data: s.Data})
	}
	keyring, err := secrets.MakeDockerKeyring(listed, &credentialprovider.BasicDockerKeyring{})
	var marked credentialprovider.DockerKeyring
	if err == nil {
		marked = makeMarkedKeyring(listed)
	}
	answers := make([]answer, 0, len(asked.Images))
	for _, image := range asked.Images {
		answers = append(answers, answerOne(image, keyring, marked))
	}
	return answers
}

// answerOne looks one image up. Both keyrings are nil where a listed secret cannot be read, as the pull fails then.
func answerOne(image string, keyring, marked credentialprovider.DockerKeyring) answer {
	result := answer{Image: image, Candidates: []candidate{}}
	repository, _, _, err := parsers.ParseImageName(image)
	if err != nil {
		result.Error = "image_invalid"
		return result
	}
	result.Repository = &repository
	if keyring == nil {
		result.Error = "secrets_unreadable"
		return result
	}
	real, _ := keyring.Lookup(repository)
	traced, _ := marked.Lookup(repository)
	mustAgree(real, traced)
	for _, c := range traced {
		result.Candidates = append(result.Candidates, candidate{
			Secret:       c.Source.Secret.Name,
			Key:          c.Email,
			EffectiveKey: effectiveKey(c.Email),
			Usable:       c.Username != "" || c.Password != "",
		})
	}
	return result
}

// makeMarkedKeyring builds the same keyring with each entry's key as its e-mail address, the one field that is
// carried along and never used, so that a credential can be traced to the entry that it came from.
func makeMarkedKeyring(listed []v1.Secret) credentialprovider.DockerKeyring {
	marked := make([]v1.Secret, 0, len(listed))
	for _, s := range listed {
		copied := v1.Secret{ObjectMeta: s.ObjectMeta, Type: s.Type, Data: map[string][]byte{}}
		if data := s.Data[v1.DockerConfigJsonKey]; s.Type == v1.SecretTypeDockerConfigJson && len(data) > 0 {
			var document credentialprovider.DockerConfigJSON
			must(json.Unmarshal(data, &document))
			document.Auths = markEntries(document.Auths)
			copied.Data[v1.DockerConfigJsonKey] = mustMarshal(document)
		}
		if data := s.Data[v1.DockerConfigKey]; s.Type == v1.SecretTypeDockercfg && len(data) > 0 {
			var document credentialprovider.DockerConfig
			must(json.Unmarshal(data, &document))
			copied.Data[v1.DockerConfigKey] = mustMarshal(markEntries(document))
		}
		marked = append(marked, copied)
	}
	keyring, err := secrets.MakeDockerKeyring(marked, &credentialprovider.BasicDockerKeyring{})
	must(err)
	return keyring
}

func markEntries(entries credentialprovider.DockerConfig) credentialprovider.DockerConfig {
	marked := credentialprovider.DockerConfig{}
	for key, entry := range entries {
		entry.Email = key
		marked[key] = entry
	}
	return marked
}

// mustAgree proves that marking changed nothing: the same secrets in the same order, as many usable credentials.
func mustAgree(real, traced []credentialprovider.TrackedAuthConfig) {
	if len(real) != len(traced) {
		panic(fmt.Sprintf("kubelet-oracle: the kubelet found %d credentials, the marked keyring %d", len(real), len(traced)))
	}
	usable := 0
	for i := range real {
		if real[i].Source.Secret.Name != traced[i].Source.Secret.Name {
			panic(fmt.Sprintf("kubelet-oracle: credential %d comes from two different secrets", i))
		}
		usable += countUsable(real[i]) - countUsable(traced[i])
	}
	if usable != 0 {
		panic("kubelet-oracle: marking changed which credentials are usable")
	}
}

func countUsable(c credentialprovider.TrackedAuthConfig) int {
	if c.Username == "" && c.Password == "" {
		return 0
	}
	return 1
}

// effectiveKey asks the kubelet what it files a key under, by the index of a keyring that holds this key alone.
func effectiveKey(key string) string {
	keyring := &credentialprovider.BasicDockerKeyring{}
	keyring.Add(nil, credentialprovider.DockerConfig{key: {}})
	return reflect.ValueOf(keyring).Elem().FieldByName("index").Index(0).String()
}

func must(err error) {
	if err != nil {
		panic(fmt.Sprintf("kubelet-oracle: marking a secret that the kubelet could read: %v", err))
	}
}

func mustMarshal(value any) []byte {
	data, err := json.Marshal(value)
	must(err)
	return data
}
