package com.example;

import dev.cdkzenml.ComponentType;
import dev.cdkzenml.ConnectorAuthentication;
import dev.cdkzenml.EcrContainerRegistry;
import dev.cdkzenml.IamRoleOptions;
import dev.cdkzenml.RegistryAuthentication;
import dev.cdkzenml.SelfHostedServerOptions;
import dev.cdkzenml.StackComponent;
import dev.cdkzenml.ZenMLServer;
import dev.cdkzenml.ZenMLStack;
import dev.cdkzenml.ecr_repository.RepositoryDefaults;
import java.util.List;
import java.util.Objects;
import software.amazon.awscdk.App;
import software.amazon.awscdk.RemovalPolicy;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.services.secretsmanager.Secret;

/**
 * One ECR registry in a self-hosted ZenML server, and a new ZenML stack that contains the registry. Store the API key of a ZenML
 * service account in the Secrets Manager secret {@code zenml/api-key}, then run
 *
 * <pre>npx cdk deploy -c zenmlUrl=https://zenml.example.com</pre>
 *
 * {@code -c description=...} sets the description of the ZenML stack. {@code -c keySerial=1} rotates the access key of the connector.
 */
public final class ZenMLRegistryApp {
    public static void main(final String[] args) {
        App app = new App();
        Stack stack = new Stack(app, "ZenMLRegistry");

        ZenMLServer server = ZenMLServer.selfHosted(SelfHostedServerOptions.builder()
            .url(context(app, "zenmlUrl", "https://zenml.example.com"))
            .apiKey(Secret.fromSecretNameV2(stack, "ApiKey", "zenml/api-key"))
            .build());

        EcrContainerRegistry registry = EcrContainerRegistry.Builder.create(stack, "Registry")
            .server(server)
            .repositoryNames(List.of("zenml"))
            // `cdk destroy` also deletes the repository and its images, which suits an example. By default, repositories are kept.
            .repositoryDefaults(RepositoryDefaults.builder().removalPolicy(RemovalPolicy.DESTROY).emptyOnDelete(true).build())
            .authentication(RegistryAuthentication.connector(ConnectorAuthentication.iamRole(IamRoleOptions.builder()
                .accessKeySerial(Integer.parseInt(context(app, "keySerial", "0")))
                .build())))
            .build();

        ZenMLStack.Builder.create(stack, "Production")
            .server(server)
            .description(context(app, "description", null))
            .components(List.of(
                registry,
                StackComponent.fromStackComponentName(stack, "Orchestrator", server, ComponentType.ORCHESTRATOR, "default"),
                StackComponent.fromStackComponentName(stack, "ArtifactStore", server, ComponentType.ARTIFACT_STORE, "default")))
            .build();

        app.synth();
    }

    private static String context(final App app, final String key, final String otherwise) {
        return Objects.toString(app.getNode().tryGetContext(key), otherwise);
    }

    private ZenMLRegistryApp() {
    }
}
