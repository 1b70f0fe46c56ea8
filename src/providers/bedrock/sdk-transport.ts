import {
  ApplyGuardrailCommand,
  BedrockRuntimeClient,
  ConverseCommand,
  ConverseStreamCommand,
  type ConverseStreamOutput,
  InvokeModelCommand,
} from "@aws-sdk/client-bedrock-runtime";
import { AwsClients } from "../aws-clients.ts";
import { translateAwsError } from "../aws-error.ts";
import type { ReachBackend } from "../contract.ts";
import { followClock, rawHeaders, unzipped } from "../sdk-middleware.ts";
import { sdkSettings } from "../sdk-settings.ts";
import { SdkStreamLease } from "../sdk-stream-lease.ts";
import type {
  ApplyGuardrailCall,
  BedrockTransport,
  ConverseCall,
  EventStream,
  InvokeCall,
  Invoked,
} from "./transport.ts";

/** Bedrock Runtime through the AWS SDK: the reference for other transports. */
export function sdkTransport(reach: ReachBackend): BedrockTransport {
  const clients: Clients = new AwsClients({
    reach,
    create: (settings) => {
      const client = new BedrockRuntimeClient(sdkSettings(settings));
      client.middlewareStack.use(unzipped);
      followClock(client);
      return client;
    },
  });
  return {
    converse: async (call) => converse(clients, call),
    converseStream: async (call) => converseStream(clients, call),
    invoke: async (call) => invoke(clients, call),
    applyGuardrail: async (call) => applyGuardrail(clients, call),
    close: () => clients.close(),
  };
}

type Clients = AwsClients<BedrockRuntimeClient>;

/** The router's own deadlines come first; this one holds where a caller forgets them. */
const sending = ({ backend }: Pick<ConverseCall, "backend">, signal: AbortSignal) => ({
  abortSignal: signal,
  requestTimeout: backend.timeouts.totalMs,
});

async function converse(
  clients: Clients,
  call: ConverseCall,
): ReturnType<BedrockTransport["converse"]> {
  const lease = clients.lease(call.backend);
  try {
    const response = await lease.call(call.signal, async (client) =>
      client.send(new ConverseCommand(call.converse), sending(call, call.signal)),
    );
    return { response, ...identified(response.$metadata) };
  } catch (error) {
    throw translateAwsError(error, { signal: call.signal, broken: "connection_failed" });
  } finally {
    lease.release();
  }
}

async function converseStream(clients: Clients, call: ConverseCall): Promise<EventStream> {
  const { signal } = call;
  const lease = new SdkStreamLease(clients.lease(call.backend));
  try {
    const response = await lease.open(signal, async (client, either) =>
      client.send(new ConverseStreamCommand(call.converse), sending(call, either)),
    );
    const { requestId } = response.$metadata;
    const reading = { signal, broken: "stream_broken", requestId, begun: true } as const;
    return {
      events: translated(response.stream ?? none(), reading, () => lease.end()),
      close: () => lease.close(),
      ...identified(response.$metadata),
    };
  } catch (error) {
    lease.close();
    throw translateAwsError(error, { signal, broken: "stream_broken" });
  }
}

async function* translated(
  events: AsyncIterable<ConverseStreamOutput>,
  reading: Parameters<typeof translateAwsError>[1],
  onEnd: () => void,
): AsyncGenerator<ConverseStreamOutput> {
  try {
    yield* events;
    onEnd();
  } catch (error) {
    throw translateAwsError(error, reading);
  }
}

async function* none(): AsyncGenerator<never> {}

async function invoke(clients: Clients, call: InvokeCall): Promise<Invoked> {
  const lease = clients.lease(call.backend);
  try {
    return await lease.call(call.signal, async (client) => {
      const command = new InvokeModelCommand({
        modelId: call.modelId,
        contentType: "application/json",
        accept: "application/json",
        body: call.body,
        ...(call.serviceTier === undefined ? {} : { serviceTier: call.serviceTier }),
      });
      const seen = rawHeaders();
      command.middlewareStack.use(seen.plugin);
      const { body, $metadata } = await client.send(command, sending(call, call.signal));
      return { body, headers: seen.headers(), ...identified($metadata) };
    });
  } catch (error) {
    throw translateAwsError(error, { signal: call.signal, broken: "connection_failed" });
  } finally {
    lease.release();
  }
}

async function applyGuardrail(
  clients: Clients,
  call: ApplyGuardrailCall,
): ReturnType<BedrockTransport["applyGuardrail"]> {
  const lease = clients.lease(call.backend);
  try {
    const response = await lease.call(call.signal, async (client) =>
      client.send(new ApplyGuardrailCommand(call.apply), sending(call, call.signal)),
    );
    return { response, ...identified(response.$metadata) };
  } catch (error) {
    throw translateAwsError(error, { signal: call.signal, broken: "connection_failed" });
  } finally {
    lease.release();
  }
}

function identified({ requestId }: { requestId?: string | undefined }): { requestId?: string } {
  return requestId === undefined ? {} : { requestId };
}
