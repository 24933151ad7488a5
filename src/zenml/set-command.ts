import { CfnOutput } from 'aws-cdk-lib';
import { Construct } from 'constructs';

/** Adds a stack output with the command that makes a ZenML stack the active one of a local ZenML client. */
export function outputSetCommand(scope: Construct, zenmlStackNameOrId: string): void {
  new CfnOutput(scope, 'SetCommand', {
    value: `zenml stack set ${zenmlStackNameOrId}`,
    description: 'Command that makes the ZenML stack the active one of your local ZenML client',
  });
}
