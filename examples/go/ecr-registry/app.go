// One ECR registry in a self-hosted ZenML server, and a new ZenML stack that contains the registry. Store the API key of
// a ZenML service account in the Secrets Manager secret zenml/api-key, then run
//
//	npx cdk deploy -c zenmlUrl=https://zenml.example.com
//
// -c description=... sets the description of the ZenML stack. -c keySerial=1 rotates the access key of the connector.
package main

import (
	"fmt"
	"strconv"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssecretsmanager"
	"github.com/aws/jsii-runtime-go"
	"github.com/cdk-zenml/cdk-zenml-go/cdkzenml"
	"github.com/cdk-zenml/cdk-zenml-go/cdkzenml/ecrrepository"
)

func main() {
	defer jsii.Close()

	app := awscdk.NewApp(nil)
	stack := awscdk.NewStack(app, jsii.String("ZenMLRegistry"), nil)

	url := context(app, "zenmlUrl")
	if url == nil {
		url = jsii.String("https://zenml.example.com")
	}
	server := cdkzenml.ZenMLServer_SelfHosted(&cdkzenml.SelfHostedServerOptions{
		Url:    url,
		ApiKey: awssecretsmanager.Secret_FromSecretNameV2(stack, jsii.String("ApiKey"), jsii.String("zenml/api-key")),
	})

	registry := cdkzenml.NewEcrContainerRegistry(stack, jsii.String("Registry"), &cdkzenml.EcrContainerRegistryProps{
		Server:          server,
		RepositoryNames: jsii.Strings("zenml"),
		// `cdk destroy` also deletes the repository and its images, which suits an example. By default, repositories are kept.
		RepositoryDefaults: &ecrrepository.RepositoryDefaults{
			RemovalPolicy: awscdk.RemovalPolicy_DESTROY,
			EmptyOnDelete: jsii.Bool(true),
		},
		Authentication: cdkzenml.RegistryAuthentication_Connector(cdkzenml.ConnectorAuthentication_IamRole(&cdkzenml.IamRoleOptions{
			AccessKeySerial: jsii.Number(keySerial(app)),
		})),
	})

	cdkzenml.NewZenMLStack(stack, jsii.String("Production"), &cdkzenml.ZenMLStackProps{
		Server:      server,
		Description: context(app, "description"),
		Components: &[]cdkzenml.IStackComponent{
			registry,
			cdkzenml.StackComponent_FromStackComponentName(stack, jsii.String("Orchestrator"), server,
				cdkzenml.ComponentType_ORCHESTRATOR(), jsii.String("default")),
			cdkzenml.StackComponent_FromStackComponentName(stack, jsii.String("ArtifactStore"), server,
				cdkzenml.ComponentType_ARTIFACT_STORE(), jsii.String("default")),
		},
	})

	app.Synth(nil)
}

// context returns the value of -c KEY=VALUE, or nil.
func context(app awscdk.App, key string) *string {
	value := app.Node().TryGetContext(jsii.String(key))
	if value == nil {
		return nil
	}
	return jsii.String(fmt.Sprint(value))
}

func keySerial(app awscdk.App) int {
	text := context(app, "keySerial")
	if text == nil {
		return 0
	}
	serial, err := strconv.Atoi(*text)
	if err != nil {
		panic(fmt.Sprintf("keySerial must be a whole number, got: %q", *text))
	}
	return serial
}
