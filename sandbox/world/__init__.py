from sandbox.world.world import SERVICE_USER_ID, World

__all__ = ["SERVICE_USER_ID", "World"]
